package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A computation ready to run: oneDNN's primitive, one memory object per argument, and the array that names them. Running it
 * allocates nothing; a memory object hears of its address only when that has changed.
 *
 * <p>Scratch is an argument like the others: {@link Onednn#ARG_SCRATCHPAD}.
 */
public final class OnednnPrimitive implements AutoCloseable {
  private final MemorySegment stream;
  private final MemorySegment primitive;
  private final MemorySegment[] memories;
  private final long[] bytes;
  private final long[] addresses;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment arguments;

  /**
   * @param arguments which arguments it has, such as {@link Onednn#ARG_SRC}; their positions here are what {@link #place} takes
   */
  public OnednnPrimitive(OnednnPrimitiveDescriptor descriptor, int... arguments) {
    stream = descriptor.engine().stream();
    memories = new MemorySegment[arguments.length];
    bytes = new long[arguments.length];
    addresses = new long[arguments.length];
    MemorySegment array = arena.allocate(Onednn.EXEC_ARG_BYTES * arguments.length, Long.BYTES);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      Onednn.check(
          "dnnl_primitive_create",
          (int) OnednnFunctions.PRIMITIVE_CREATE.invokeExact(result, descriptor.handle()));
      primitive = result.get(ADDRESS, 0);
      for (int i = 0; i < arguments.length; i++) {
        try (OnednnMemoryDescriptor layout = descriptor.argument(arguments[i])) {
          int status =
              (int)
                  OnednnFunctions.MEMORY_CREATE.invokeExact(
                      result, layout.handle(), descriptor.engine().handle(), MemorySegment.NULL);
          Onednn.check("dnnl_memory_create", status);
          memories[i] = result.get(ADDRESS, 0);
          bytes[i] = layout.bytes();
        }
        array.set(JAVA_INT, i * Onednn.EXEC_ARG_BYTES, arguments[i]);
        array.set(ADDRESS, i * Onednn.EXEC_ARG_BYTES + Onednn.EXEC_ARG_MEMORY_OFFSET, memories[i]);
      }
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
    // By address only: the arena lives as long as this object, so calls need not hold on to it.
    this.arguments = MemorySegment.ofAddress(array.address());
  }

  /** Bytes of the argument at {@code position}. */
  public long bytes(int position) {
    return bytes[position];
  }

  /**
   * Tells where the argument at {@code position} lies at the next run: in {@code place}, from byte {@code offset} on.
   *
   * @throws IllegalArgumentException if there are too few bytes
   */
  public void place(int position, MemorySegment place, long offset) {
    long address = place.address() + offset;
    if (address == addresses[position]) {
      return;
    }
    if (offset < 0 || place.byteSize() - offset < bytes[position]) {
      throw new IllegalArgumentException(
          "argument " + position + " needs " + bytes[position] + " bytes, found " + (place.byteSize() - offset));
    }
    try {
      MemorySegment start = MemorySegment.ofAddress(address);
      int status = (int) OnednnFunctions.MEMORY_SET_DATA_HANDLE.invokeExact(memories[position], start);
      Onednn.check("dnnl_memory_set_data_handle", status);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
    addresses[position] = address;
  }

  /** Runs to the end. */
  public void execute() {
    try {
      int status = (int) OnednnFunctions.PRIMITIVE_EXECUTE.invokeExact(primitive, stream, memories.length, arguments);
      Onednn.check("dnnl_primitive_execute", status);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  @Override
  public void close() {
    try {
      for (MemorySegment memory : memories) {
        Onednn.check("dnnl_memory_destroy", (int) OnednnFunctions.MEMORY_DESTROY.invokeExact(memory));
      }
      Onednn.check("dnnl_primitive_destroy", (int) OnednnFunctions.PRIMITIVE_DESTROY.invokeExact(primitive));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
    arena.close();
  }

  @Override
  public String toString() {
    return "primitive with arguments of " + Arrays.toString(bytes) + " bytes";
  }
}
