package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.NativeLibraries.unexpected;
import static kiln.bindings.cuda.CudaConstants.CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
import static kiln.bindings.cuda.CudaConstants.CU_LAUNCH_ATTRIBUTE_COOPERATIVE;
import static kiln.bindings.cuda.CudaConstants.LAUNCH_ATTRIBUTE_BYTES;
import static kiln.bindings.cuda.CudaConstants.LAUNCH_ATTRIBUTE_VALUE;
import static kiln.bindings.cuda.CudaConstants.LAUNCH_CONFIG_ATTRIBUTES;
import static kiln.bindings.cuda.CudaConstants.LAUNCH_CONFIG_BLOCK;
import static kiln.bindings.cuda.CudaConstants.LAUNCH_CONFIG_BYTES;
import static kiln.bindings.cuda.CudaConstants.LAUNCH_CONFIG_NUM_ATTRIBUTES;
import static kiln.bindings.cuda.CudaConstants.LAUNCH_CONFIG_SHARED_BYTES;
import static kiln.bindings.cuda.CudaConstants.LAUNCH_CONFIG_STREAM;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A kernel with its grid and its arguments, ready to be launched again and again: a launch allocates nothing. For one thread at a
 * time. Whoever makes one closes it.
 */
public final class CudaLaunch implements AutoCloseable {
  private final CudaKernel kernel;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment config;
  private final MemorySegment[] arguments;
  private final MemorySegment pointers;

  /**
   * How a kernel is launched.
   *
   * @param blocks of the grid, along x, y and z
   * @param threads of a block, along x, y and z
   * @param sharedBytes dynamic shared memory of a block
   * @param cooperative whether all blocks run at once, so that the grid can wait for itself; they must fit on the device
   * @param cluster blocks of a cluster, along x; 1 for none
   */
  public record Shape(Extent blocks, Extent threads, int sharedBytes, boolean cooperative, int cluster) {
    public Shape {
      if (sharedBytes < 0 || cluster < 1) {
        throw new IllegalArgumentException("sharedBytes=" + sharedBytes + ", cluster=" + cluster);
      }
    }

    /** One dimension, and nothing special. */
    public static Shape of(int blocks, int threads) {
      return new Shape(new Extent(blocks, 1, 1), new Extent(threads, 1, 1), 0, false, 1);
    }
  }

  /** Numbers of blocks or threads along three axes. */
  public record Extent(int x, int y, int z) {
    public Extent {
      if (x < 1 || y < 1 || z < 1) {
        throw new IllegalArgumentException("x=" + x + ", y=" + y + ", z=" + z + ", expected 1 or more each");
      }
    }
  }

  /**
   * @param arguments of the kernel, in their order, each of them {@link DeviceMemory} (its address), an Integer, a Long, a Float,
   *     or a MemorySegment with the bytes of a structure; types are the caller's to get right
   */
  public CudaLaunch(CudaKernel kernel, Shape shape, Object... arguments) {
    this.kernel = kernel;
    config = arena.allocate(LAUNCH_CONFIG_BYTES, Long.BYTES);
    put(config, 0, shape.blocks);
    put(config, LAUNCH_CONFIG_BLOCK, shape.threads);
    config.set(JAVA_INT, LAUNCH_CONFIG_SHARED_BYTES, shape.sharedBytes);
    attributes(shape);
    this.arguments = new MemorySegment[arguments.length];
    pointers = arena.allocate(ADDRESS, arguments.length + 1L);
    for (int i = 0; i < arguments.length; i++) {
      this.arguments[i] = argument(i, arguments[i]);
      pointers.setAtIndex(ADDRESS, i, this.arguments[i]);
    }
  }

  public CudaKernel kernel() {
    return kernel;
  }

  private static void put(MemorySegment config, long offset, Extent extent) {
    config.set(JAVA_INT, offset, extent.x);
    config.set(JAVA_INT, offset + Integer.BYTES, extent.y);
    config.set(JAVA_INT, offset + 2 * Integer.BYTES, extent.z);
  }

  private void attributes(Shape shape) {
    MemorySegment attributes = arena.allocate(2L * LAUNCH_ATTRIBUTE_BYTES, Long.BYTES);
    int count = 0;
    if (shape.cooperative) {
      attributes.set(JAVA_INT, 0, CU_LAUNCH_ATTRIBUTE_COOPERATIVE);
      attributes.set(JAVA_INT, LAUNCH_ATTRIBUTE_VALUE, 1);
      count++;
    }
    if (shape.cluster > 1) {
      MemorySegment cluster = attributes.asSlice((long) count * LAUNCH_ATTRIBUTE_BYTES, LAUNCH_ATTRIBUTE_BYTES);
      cluster.set(JAVA_INT, 0, CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION);
      put(cluster, LAUNCH_ATTRIBUTE_VALUE, new Extent(shape.cluster, 1, 1));
      count++;
    }
    if (count > 0) {
      config.set(ADDRESS, LAUNCH_CONFIG_ATTRIBUTES, attributes);
      config.set(JAVA_INT, LAUNCH_CONFIG_NUM_ATTRIBUTES, count);
    }
  }

  private MemorySegment argument(int position, Object value) {
    return switch (value) {
      case DeviceMemory memory -> arena.allocateFrom(JAVA_LONG, memory.address());
      case Integer number -> arena.allocateFrom(JAVA_INT, number);
      case Long number -> arena.allocateFrom(JAVA_LONG, number);
      case Float number -> arena.allocateFrom(JAVA_FLOAT, number);
      case MemorySegment structure -> arena.allocate(structure.byteSize(), Long.BYTES).copyFrom(structure);
      default -> throw new IllegalArgumentException(kernel + ": argument " + position + " is a " + value.getClass());
    };
  }

  /** Changes the argument at {@code position}, an address, for the next launch. */
  public void setMemory(int position, DeviceMemory memory) {
    arguments[position].set(JAVA_LONG, 0, memory.address());
  }

  /** Changes the argument at {@code position}, of 32 bits, for the next launch. */
  public void setInt(int position, int value) {
    arguments[position].set(JAVA_INT, 0, value);
  }

  /** Changes the argument at {@code position}, of 64 bits, for the next launch. */
  public void setLong(int position, long value) {
    arguments[position].set(JAVA_LONG, 0, value);
  }

  /** Changes the argument at {@code position}, a float, for the next launch. */
  public void setFloat(int position, float value) {
    arguments[position].set(JAVA_FLOAT, 0, value);
  }

  /** Queues it. The arguments are copied, so they can be changed as soon as this returns. */
  public void launch(CudaStream stream) {
    config.set(ADDRESS, LAUNCH_CONFIG_STREAM, stream.handle());
    try {
      int status =
          (int)
              CudaFunctions.LAUNCH_KERNEL_EX.handle()
                  .invokeExact(config, kernel.handle(), pointers, MemorySegment.NULL);
      if (status != CudaConstants.CUDA_SUCCESS) {
        throw CudaFunctions.LAUNCH_KERNEL_EX.failure(status, kernel.name());
      }
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
