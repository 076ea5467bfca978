package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A device's primary context, which cuDNN, cuBLASLt and NCCL use too. The thread that opens it works with the device from then
 * on; every other thread that does calls {@link #makeCurrent} first. Whoever opens it closes it, after everything made in it.
 */
public final class CudaContext implements AutoCloseable {
  private final CudaDevice device;
  private final MemorySegment context;

  /**
   * How much of a device's memory nobody has.
   *
   * @param free in bytes
   * @param total in bytes
   */
  public record Memory(long free, long total) {}

  public CudaContext(CudaDevice device) {
    this.device = device;
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(ADDRESS);
      CudaFunctions.DEVICE_PRIMARY_CTX_RETAIN.call(result, device.handle());
      context = result.get(ADDRESS, 0);
    }
    makeCurrent();
  }

  public CudaDevice device() {
    return device;
  }

  /** Lets the calling thread work with this device. */
  public void makeCurrent() {
    CudaFunctions.CTX_SET_CURRENT.call(context);
  }

  /** Waits for all work on the device, and throws if some of it has failed. */
  public void synchronize() {
    CudaFunctions.CTX_SYNCHRONIZE.call();
  }

  /** Of the whole device, whoever has it. */
  public Memory memory() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment free = call.allocate(JAVA_LONG);
      MemorySegment total = call.allocate(JAVA_LONG);
      CudaFunctions.MEM_GET_INFO_V2.call(free, total);
      return new Memory(free.get(JAVA_LONG, 0), total.get(JAVA_LONG, 0));
    }
  }

  /** The highest priority that a stream can have: the smallest number. The lowest is 0. */
  public int highestPriority() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment least = call.allocate(JAVA_INT);
      MemorySegment greatest = call.allocate(JAVA_INT);
      CudaFunctions.CTX_GET_STREAM_PRIORITY_RANGE.call(least, greatest);
      return greatest.get(JAVA_INT, 0);
    }
  }

  @Override
  public void close() {
    CudaFunctions.CTX_SET_CURRENT.call(MemorySegment.NULL);
    CudaFunctions.DEVICE_PRIMARY_CTX_RELEASE_V2.call(device.handle());
  }
}
