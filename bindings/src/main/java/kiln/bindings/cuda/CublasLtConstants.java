package kiln.bindings.cuda;

/**
 * Constants of cuBLASLt ({@code cublasLt.h}, 13.1). Compared with the header by {@code native/checks/cublaslt.c}, and with that
 * file by a test.
 */
final class CublasLtConstants {
  static final int CUBLAS_STATUS_SUCCESS = 0;
  static final int CUBLAS_STATUS_NOT_SUPPORTED = 15;
  static final int CUDA_R_32F = 0;
  static final int CUDA_R_16BF = 14;

  /** Products of float32 numbers as they are, sums in float32; the other rounds the factors to TF32 first. */
  static final int CUBLAS_COMPUTE_32F = 68;

  static final int CUBLAS_COMPUTE_32F_FAST_TF32 = 77;

  /** Attributes of a product. */
  static final int CUBLASLT_MATMUL_DESC_TRANSA = 3;

  static final int CUBLASLT_MATMUL_DESC_TRANSB = 4;
  static final int CUBLASLT_MATMUL_DESC_EPILOGUE = 7;
  static final int CUBLASLT_MATMUL_DESC_BIAS_POINTER = 8;
  static final int CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE = 10;
  static final int CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE = 26;
  static final int CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER = 11;
  static final int CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD = 12;
  static final int CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE = 13;
  static final int CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE = 22;
  static final int CUBLAS_OP_N = 0;
  static final int CUBLAS_OP_T = 1;

  /** Epilogues. */
  static final int CUBLASLT_EPILOGUE_DEFAULT = 1;

  static final int CUBLASLT_EPILOGUE_BIAS = 4;
  static final int CUBLASLT_EPILOGUE_GELU = 32;
  static final int CUBLASLT_EPILOGUE_GELU_BIAS = 36;
  static final int CUBLASLT_EPILOGUE_GELU_AUX = 160;
  static final int CUBLASLT_EPILOGUE_GELU_AUX_BIAS = 164;
  static final int CUBLASLT_EPILOGUE_DGELU = 192;
  static final int CUBLASLT_EPILOGUE_DGELU_BGRAD = 208;
  static final int CUBLASLT_EPILOGUE_BGRADA = 256;
  static final int CUBLASLT_EPILOGUE_BGRADB = 512;

  /** Attributes of a matrix and of the search for an algorithm. */
  static final int CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT = 5;

  static final int CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET = 6;
  static final int CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1;
  static final int CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES = 5;
  static final int CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES = 6;
  static final int CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES = 7;
  static final int CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES = 8;

  /** cublasLtMatmulHeuristicResult_t; it starts with the algorithm. */
  static final int HEURISTIC_BYTES = 96;

  static final int HEURISTIC_WORKSPACE = 64;
  static final int HEURISTIC_STATE = 72;

  private CublasLtConstants() {}
}
