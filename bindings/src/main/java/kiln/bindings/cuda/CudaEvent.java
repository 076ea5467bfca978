package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static kiln.bindings.NativeLibraries.unexpected;
import static kiln.bindings.cuda.CudaConstants.CUDA_ERROR_NOT_READY;
import static kiln.bindings.cuda.CudaConstants.CU_EVENT_DEFAULT;
import static kiln.bindings.cuda.CudaConstants.CU_EVENT_DISABLE_TIMING;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A point in a stream's work, for others to wait for, and, if it keeps time, to measure between. */
public final class CudaEvent implements AutoCloseable {
  private final MemorySegment event;

  private CudaEvent(int flags) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(ADDRESS);
      CudaFunctions.EVENT_CREATE.call(result, flags);
      event = result.get(ADDRESS, 0);
    }
  }

  /** One that costs least. */
  public static CudaEvent forOrder() {
    return new CudaEvent(CU_EVENT_DISABLE_TIMING);
  }

  /** One for {@link #millisecondsSince}. */
  public static CudaEvent forTime() {
    return new CudaEvent(CU_EVENT_DEFAULT);
  }

  MemorySegment handle() {
    return event;
  }

  /** From now on it stands for all that is queued in the stream by now. */
  public void record(CudaStream stream) {
    try {
      CudaFunctions.EVENT_RECORD.check((int) CudaFunctions.EVENT_RECORD.handle().invokeExact(event, stream.handle()));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Whether what it stands for is done; throws if some of it has failed. */
  public boolean isDone() {
    try {
      int status = (int) CudaFunctions.EVENT_QUERY.handle().invokeExact(event);
      if (status == CUDA_ERROR_NOT_READY) {
        return false;
      }
      CudaFunctions.EVENT_QUERY.check(status);
      return true;
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Waits for what it stands for, and throws if some of it has failed. */
  public void synchronize() {
    try {
      CudaFunctions.EVENT_SYNCHRONIZE.check((int) CudaFunctions.EVENT_SYNCHRONIZE.handle().invokeExact(event));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Time on the device between two events that are done, both {@link #forTime}. */
  public float millisecondsSince(CudaEvent start) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(JAVA_FLOAT);
      CudaFunctions.EVENT_ELAPSED_TIME_V2.call(result, start.event, event);
      return result.get(JAVA_FLOAT, 0);
    }
  }

  @Override
  public void close() {
    CudaFunctions.EVENT_DESTROY_V2.call(event);
  }
}
