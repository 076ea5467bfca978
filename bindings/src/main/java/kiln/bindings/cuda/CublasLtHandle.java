package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** cuBLASLt on the current device. Whoever opens it closes it. */
public final class CublasLtHandle implements AutoCloseable {
  private final MemorySegment handle;

  /**
   * @throws kiln.bindings.UserException if there is no cuBLASLt
   */
  public CublasLtHandle() {
    CudaLibraries.require(CudaLibrary.CUBLASLT);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(ADDRESS);
      CublasLtFunctions.CREATE.call(result);
      handle = result.get(ADDRESS, 0);
    }
  }

  MemorySegment handle() {
    return handle;
  }

  @Override
  public void close() {
    CublasLtFunctions.DESTROY.call(handle);
  }
}
