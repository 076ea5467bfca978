package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** cuDNN at work in one stream of the current device. For one thread at a time. Whoever opens it closes it. */
public final class CudnnHandle implements AutoCloseable {
  private final MemorySegment handle;

  /**
   * @throws kiln.bindings.UserException if there is no cuDNN
   */
  public CudnnHandle(CudaStream stream) {
    CudaLibraries.require(CudaLibrary.CUDNN);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(ADDRESS);
      CudnnFunctions.CREATE.call(result);
      handle = result.get(ADDRESS, 0);
    }
    setStream(stream);
  }

  /** Where executions are queued from now on. */
  public void setStream(CudaStream stream) {
    CudnnFunctions.SET_STREAM.call(handle, stream.handle());
  }

  MemorySegment handle() {
    return handle;
  }

  @Override
  public void close() {
    CudnnFunctions.DESTROY.call(handle);
  }
}
