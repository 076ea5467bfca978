package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;

/**
 * The functions of cuBLASLt that Kiln calls. Signatures are compared with the header by {@code native/checks/cublaslt.c},
 * and with that file by a test.
 */
final class CublasLtFunctions {
  static final CudaFunction GET_VERSION = function("cublasLtGetVersion", FunctionDescriptor.of(JAVA_LONG));
  static final CudaFunction GET_STATUS_NAME =
      function("cublasLtGetStatusName", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  static final CudaFunction GET_STATUS_STRING =
      function("cublasLtGetStatusString", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  static final CudaFunction CREATE = status("cublasLtCreate", ADDRESS);
  static final CudaFunction DESTROY = status("cublasLtDestroy", ADDRESS);

  // Descriptors
  static final CudaFunction MATMUL_DESC_CREATE = status("cublasLtMatmulDescCreate", ADDRESS, JAVA_INT, JAVA_INT);
  static final CudaFunction MATMUL_DESC_DESTROY = status("cublasLtMatmulDescDestroy", ADDRESS);
  static final CudaFunction MATMUL_DESC_SET_ATTRIBUTE =
      status("cublasLtMatmulDescSetAttribute", ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
  static final CudaFunction MATRIX_LAYOUT_CREATE =
      status("cublasLtMatrixLayoutCreate", ADDRESS, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  static final CudaFunction MATRIX_LAYOUT_DESTROY = status("cublasLtMatrixLayoutDestroy", ADDRESS);
  static final CudaFunction MATRIX_LAYOUT_SET_ATTRIBUTE =
      status("cublasLtMatrixLayoutSetAttribute", ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
  static final CudaFunction MATMUL_PREFERENCE_CREATE = status("cublasLtMatmulPreferenceCreate", ADDRESS);
  static final CudaFunction MATMUL_PREFERENCE_DESTROY = status("cublasLtMatmulPreferenceDestroy", ADDRESS);
  static final CudaFunction MATMUL_PREFERENCE_SET_ATTRIBUTE =
      status("cublasLtMatmulPreferenceSetAttribute", ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);

  // Products
  static final CudaFunction MATMUL_ALGO_GET_HEURISTIC =
      status(
          "cublasLtMatmulAlgoGetHeuristic",
          ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  static final CudaFunction MATMUL =
      status(
          "cublasLtMatmul",
          ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
          ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);

  private CublasLtFunctions() {}

  /** A function that returns a cublasStatus_t. */
  private static CudaFunction status(String name, MemoryLayout... parameters) {
    return function(name, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static CudaFunction function(String name, FunctionDescriptor descriptor) {
    return CudaFunction.of(CudaLibrary.CUBLASLT, name, descriptor);
  }
}
