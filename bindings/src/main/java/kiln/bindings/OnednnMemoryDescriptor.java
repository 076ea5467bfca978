package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A tensor's element type and extents, and where its elements lie. Extents are in oneDNN's logical order, which for feature maps is
 * [N, C, H, W] whatever the layout. Whoever makes one closes it; primitive descriptors keep copies.
 */
public final class OnednnMemoryDescriptor implements AutoCloseable {
  private final MemorySegment descriptor;

  private OnednnMemoryDescriptor(MemorySegment descriptor) {
    this.descriptor = descriptor;
  }

  /** Element {@code i} lies at the sum of {@code i[d]·strides[d]}. */
  public static OnednnMemoryDescriptor strided(OnednnType type, long[] dims, long[] strides) {
    if (dims.length != strides.length) {
      throw new IllegalArgumentException("dims=" + dims.length + " strides=" + strides.length);
    }
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.MEMORY_DESC_CREATE_WITH_STRIDES.invokeExact(
                  result, dims.length, Onednn.dims(call, dims), type.code(), Onednn.dims(call, strides));
      Onednn.check("dnnl_memory_desc_create_with_strides", status);
      return new OnednnMemoryDescriptor(result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Row-major: the last axis is dense. */
  public static OnednnMemoryDescriptor plain(OnednnType type, long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims[axis];
    }
    return strided(type, dims, strides);
  }

  /** A feature map of logical extents [n, c, h, w], channels last in memory. */
  public static OnednnMemoryDescriptor nhwc(OnednnType type, long n, long c, long h, long w) {
    return tagged(type, Onednn.NHWC, n, c, h, w);
  }

  /** A layout that the primitive shall choose. */
  public static OnednnMemoryDescriptor any(OnednnType type, long... dims) {
    return tagged(type, Onednn.FORMAT_TAG_ANY, dims);
  }

  private static OnednnMemoryDescriptor tagged(OnednnType type, int tag, long... dims) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.MEMORY_DESC_CREATE_WITH_TAG.invokeExact(
                  result, dims.length, Onednn.dims(call, dims), type.code(), tag);
      Onednn.check("dnnl_memory_desc_create_with_tag", status);
      return new OnednnMemoryDescriptor(result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** A copy of a descriptor that oneDNN owns. */
  static OnednnMemoryDescriptor copyOf(MemorySegment existing) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status = (int) OnednnFunctions.MEMORY_DESC_CLONE.invokeExact(result, existing);
      Onednn.check("dnnl_memory_desc_clone", status);
      return new OnednnMemoryDescriptor(result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  MemorySegment handle() {
    return descriptor;
  }

  /** Bytes that the tensor takes, padding of blocked layouts included. */
  public long bytes() {
    try {
      return (long) OnednnFunctions.MEMORY_DESC_GET_SIZE.invokeExact(descriptor);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Whether both have the same type, the same extents and the same layout. */
  public boolean sameAs(OnednnMemoryDescriptor other) {
    try {
      return (int) OnednnFunctions.MEMORY_DESC_EQUAL.invokeExact(descriptor, other.descriptor) != 0;
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  @Override
  public void close() {
    try {
      int status = (int) OnednnFunctions.MEMORY_DESC_DESTROY.invokeExact(descriptor);
      Onednn.check("dnnl_memory_desc_destroy", status);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
