package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;

/**
 * The functions of cuDNN that Kiln calls: its graph API. Signatures are compared with the header by {@code
 * native/checks/cudnn.c}, and with that file by a test.
 */
final class CudnnFunctions {
  static final CudaFunction GET_VERSION = function("cudnnGetVersion", FunctionDescriptor.of(JAVA_LONG));
  static final CudaFunction GET_ERROR_STRING =
      function("cudnnGetErrorString", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  static final CudaFunction GET_LAST_ERROR_STRING =
      function("cudnnGetLastErrorString", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG));
  static final CudaFunction CREATE = status("cudnnCreate", ADDRESS);
  static final CudaFunction DESTROY = status("cudnnDestroy", ADDRESS);
  static final CudaFunction SET_STREAM = status("cudnnSetStream", ADDRESS, ADDRESS);

  // Descriptors
  static final CudaFunction BACKEND_CREATE_DESCRIPTOR = status("cudnnBackendCreateDescriptor", JAVA_INT, ADDRESS);
  static final CudaFunction BACKEND_DESTROY_DESCRIPTOR = status("cudnnBackendDestroyDescriptor", ADDRESS);
  static final CudaFunction BACKEND_FINALIZE = status("cudnnBackendFinalize", ADDRESS);
  static final CudaFunction BACKEND_SET_ATTRIBUTE =
      status("cudnnBackendSetAttribute", ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
  static final CudaFunction BACKEND_GET_ATTRIBUTE =
      status("cudnnBackendGetAttribute", ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);
  static final CudaFunction BACKEND_EXECUTE = status("cudnnBackendExecute", ADDRESS, ADDRESS, ADDRESS);

  private CudnnFunctions() {}

  /** A function that returns a cudnnStatus_t. */
  private static CudaFunction status(String name, MemoryLayout... parameters) {
    return function(name, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static CudaFunction function(String name, FunctionDescriptor descriptor) {
    return CudaFunction.of(CudaLibrary.CUDNN, name, descriptor);
  }
}
