package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static kiln.bindings.NativeLibraries.unexpected;
import static kiln.bindings.cuda.CudaConstants.CUDA_ERROR_NOT_READY;
import static kiln.bindings.cuda.CudaConstants.CU_STREAM_NON_BLOCKING;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A queue of work on a device: copies, fills, kernels, and what the libraries do. Pieces of one stream run one after the other,
 * those of several side by side; {@link CudaEvent}s order them. Methods return when the work is queued.
 */
public final class CudaStream implements AutoCloseable {
  private final MemorySegment stream;

  public CudaStream() {
    this(0);
  }

  /**
   * @param priority smaller is more urgent, from {@link CudaContext#highestPriority} to 0
   */
  public CudaStream(int priority) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(ADDRESS);
      CudaFunctions.STREAM_CREATE_WITH_PRIORITY.call(result, CU_STREAM_NON_BLOCKING, priority);
      stream = result.get(ADDRESS, 0);
    }
  }

  /** CUstream, which is also cudaStream_t. */
  MemorySegment handle() {
    return stream;
  }

  /**
   * Host to device. The copy goes on by itself if {@code from} is {@link PinnedMemory}, which must not change until it is done;
   * other memory is read before this returns.
   */
  public void copyToDevice(MemorySegment from, DeviceMemory to) {
    requireSameSize(from.byteSize(), to.byteSize());
    try {
      CudaFunctions.MEMCPY_HTO_DASYNC_V2.check(
          (int) CudaFunctions.MEMCPY_HTO_DASYNC_V2.handle().invokeExact(to.address(), from, from.byteSize(), stream));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /**
   * Device to host. {@code to} must not be read before the copy is done, and only pinned memory lets the host go on meanwhile.
   */
  public void copyToHost(DeviceMemory from, MemorySegment to) {
    requireSameSize(from.byteSize(), to.byteSize());
    try {
      CudaFunctions.MEMCPY_DTO_HASYNC_V2.check(
          (int) CudaFunctions.MEMCPY_DTO_HASYNC_V2.handle().invokeExact(to, from.address(), to.byteSize(), stream));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Device to device. */
  public void copy(DeviceMemory from, DeviceMemory to) {
    requireSameSize(from.byteSize(), to.byteSize());
    try {
      CudaFunctions.MEMCPY_DTO_DASYNC_V2.check(
          (int)
              CudaFunctions.MEMCPY_DTO_DASYNC_V2.handle()
                  .invokeExact(to.address(), from.address(), to.byteSize(), stream));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Sets every byte. */
  public void fill(DeviceMemory memory, byte value) {
    try {
      CudaFunctions.MEMSET_D8_ASYNC.check(
          (int) CudaFunctions.MEMSET_D8_ASYNC.handle().invokeExact(memory.address(), value, memory.byteSize(), stream));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Sets every 32 bits. */
  public void fillInts(DeviceMemory memory, int value) {
    if (memory.byteSize() % Integer.BYTES != 0) {
      throw new IllegalArgumentException("memory=" + memory + ", expected whole numbers of 32 bits");
    }
    try {
      CudaFunctions.MEMSET_D32_ASYNC.check(
          (int)
              CudaFunctions.MEMSET_D32_ASYNC.handle()
                  .invokeExact(memory.address(), value, memory.byteSize() / Integer.BYTES, stream));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Lets what is queued here from now on wait for the work that the event stands for. */
  public void waitFor(CudaEvent event) {
    try {
      CudaFunctions.STREAM_WAIT_EVENT.check(
          (int) CudaFunctions.STREAM_WAIT_EVENT.handle().invokeExact(stream, event.handle(), 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Waits until all that is queued is done, and throws if some of it has failed. */
  public void synchronize() {
    try {
      CudaFunctions.STREAM_SYNCHRONIZE.check((int) CudaFunctions.STREAM_SYNCHRONIZE.handle().invokeExact(stream));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Whether all that is queued is done; throws if some of it has failed. */
  public boolean isIdle() {
    try {
      int status = (int) CudaFunctions.STREAM_QUERY.handle().invokeExact(stream);
      if (status == CUDA_ERROR_NOT_READY) {
        return false;
      }
      CudaFunctions.STREAM_QUERY.check(status);
      return true;
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static void requireSameSize(long from, long to) {
    if (from != to) {
      throw new IllegalArgumentException("from=" + from + " bytes, to=" + to + " bytes, expected as many");
    }
  }

  /** What is queued is still done. */
  @Override
  public void close() {
    CudaFunctions.STREAM_DESTROY_V2.call(stream);
  }
}
