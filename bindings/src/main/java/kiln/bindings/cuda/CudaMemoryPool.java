package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.cuda.CudaConstants.CUDA_ERROR_OUT_OF_MEMORY;
import static kiln.bindings.cuda.CudaConstants.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
import static kiln.bindings.cuda.CudaConstants.CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT;
import static kiln.bindings.cuda.CudaConstants.CU_MEMPOOL_ATTR_USED_MEM_CURRENT;
import static kiln.bindings.cuda.CudaConstants.CU_MEMPOOL_ATTR_USED_MEM_HIGH;
import static kiln.bindings.cuda.CudaConstants.CU_MEM_ALLOCATION_TYPE_PINNED;
import static kiln.bindings.cuda.CudaConstants.CU_MEM_LOCATION_TYPE_DEVICE;
import static kiln.bindings.cuda.CudaConstants.POOL_PROPS_ALLOC_TYPE;
import static kiln.bindings.cuda.CudaConstants.POOL_PROPS_BYTES;
import static kiln.bindings.cuda.CudaConstants.POOL_PROPS_LOCATION_ID;
import static kiln.bindings.cuda.CudaConstants.POOL_PROPS_LOCATION_TYPE;
import static kiln.bindings.cuda.CudaConstants.POOL_PROPS_MAX_SIZE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.NativeException;

/**
 * Device memory in the order of a stream's work: what is given back is used again without the device standing still. It keeps
 * what it has until it is closed or {@link #trim}med. Whoever opens it closes it, after its regions.
 */
public final class CudaMemoryPool implements AutoCloseable {
  private final CudaContext context;
  private final MemorySegment pool;

  public CudaMemoryPool(CudaContext context) {
    this(context, 0);
  }

  /**
   * @param maxBytes how much it may have; 0 for as much as there is. The driver may round up
   */
  public CudaMemoryPool(CudaContext context, long maxBytes) {
    this.context = context;
    try (Arena call = Arena.ofConfined()) {
      MemorySegment properties = call.allocate(POOL_PROPS_BYTES, Long.BYTES);
      properties.set(JAVA_INT, POOL_PROPS_ALLOC_TYPE, CU_MEM_ALLOCATION_TYPE_PINNED);
      properties.set(JAVA_INT, POOL_PROPS_LOCATION_TYPE, CU_MEM_LOCATION_TYPE_DEVICE);
      properties.set(JAVA_INT, POOL_PROPS_LOCATION_ID, context.device().index());
      properties.set(JAVA_LONG, POOL_PROPS_MAX_SIZE, maxBytes);
      MemorySegment result = call.allocate(ADDRESS);
      CudaFunctions.MEM_POOL_CREATE.call(result, properties);
      pool = result.get(ADDRESS, 0);
    }
    set(CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, -1); // cuuint64_t: never on its own
  }

  /**
   * A region whose memory may be used by what is queued in {@code stream} from now on, and by other streams after an event of it.
   *
   * @param name what it is for, for messages
   * @throws DeviceOutOfMemoryException if the device has not that much left
   */
  public DeviceRegion allocate(String name, long bytes, CudaStream stream) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(JAVA_LONG);
      CudaFunctions.MEM_ALLOC_FROM_POOL_ASYNC.call(result, bytes, pool, stream.handle());
      return new DeviceRegion(name, new DeviceMemory(result.get(JAVA_LONG, 0), bytes), stream);
    } catch (NativeException e) {
      if (e.status() == CUDA_ERROR_OUT_OF_MEMORY) {
        throw new DeviceOutOfMemoryException(name, bytes, usedBytes(), context.memory(), e);
      }
      throw e;
    }
  }

  /** Bytes that regions have. */
  public long usedBytes() {
    return get(CU_MEMPOOL_ATTR_USED_MEM_CURRENT);
  }

  /** The most that regions had at once, since {@link #resetPeak}. */
  public long peakBytes() {
    return get(CU_MEMPOOL_ATTR_USED_MEM_HIGH);
  }

  /** Bytes that the pool has of the device. */
  public long reservedBytes() {
    return get(CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT);
  }

  public void resetPeak() {
    set(CU_MEMPOOL_ATTR_USED_MEM_HIGH, 0);
  }

  /** Gives back to the device what no region has, but for {@code keepBytes}. */
  public void trim(long keepBytes) {
    CudaFunctions.MEM_POOL_TRIM_TO.call(pool, keepBytes);
  }

  private long get(int attribute) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment value = call.allocate(JAVA_LONG);
      CudaFunctions.MEM_POOL_GET_ATTRIBUTE.call(pool, attribute, value);
      return value.get(JAVA_LONG, 0);
    }
  }

  private void set(int attribute, long value) {
    try (Arena call = Arena.ofConfined()) {
      CudaFunctions.MEM_POOL_SET_ATTRIBUTE.call(pool, attribute, call.allocateFrom(JAVA_LONG, value));
    }
  }

  @Override
  public void close() {
    CudaFunctions.MEM_POOL_DESTROY.call(pool);
  }
}
