/*
 * Checks of bindings/…/cuda/CublasLtConstants.java and CublasLtFunctions.java against cublasLt.h (cuBLAS 13.1): it compiles only
 * if every constant and signature agrees. A test (CudaHeadersTest) compares this file with those classes.
 */
#include <limits.h>
#include <stddef.h>

#include "cublasLt.h"

#include "check.h"

CONSTANT(CUBLAS_STATUS_SUCCESS, CUBLAS_STATUS_SUCCESS, 0);
CONSTANT(CUBLAS_STATUS_NOT_SUPPORTED, CUBLAS_STATUS_NOT_SUPPORTED, 15);
CONSTANT(CUDA_R_32F, CUDA_R_32F, 0);
CONSTANT(CUDA_R_16BF, CUDA_R_16BF, 14);

CONSTANT(CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_32F, 68);
CONSTANT(CUBLAS_COMPUTE_32F_FAST_TF32, CUBLAS_COMPUTE_32F_FAST_TF32, 77);

CONSTANT(CUBLASLT_MATMUL_DESC_TRANSA, CUBLASLT_MATMUL_DESC_TRANSA, 3);
CONSTANT(CUBLASLT_MATMUL_DESC_TRANSB, CUBLASLT_MATMUL_DESC_TRANSB, 4);
CONSTANT(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_MATMUL_DESC_EPILOGUE, 7);
CONSTANT(CUBLASLT_MATMUL_DESC_BIAS_POINTER, CUBLASLT_MATMUL_DESC_BIAS_POINTER, 8);
CONSTANT(CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE, CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE, 10);
CONSTANT(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, 26);
CONSTANT(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, 11);
CONSTANT(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, 12);
CONSTANT(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE, 13);
CONSTANT(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE, 22);
CONSTANT(CUBLAS_OP_N, CUBLAS_OP_N, 0);
CONSTANT(CUBLAS_OP_T, CUBLAS_OP_T, 1);

CONSTANT(CUBLASLT_EPILOGUE_DEFAULT, CUBLASLT_EPILOGUE_DEFAULT, 1);
CONSTANT(CUBLASLT_EPILOGUE_BIAS, CUBLASLT_EPILOGUE_BIAS, 4);
CONSTANT(CUBLASLT_EPILOGUE_GELU, CUBLASLT_EPILOGUE_GELU, 32);
CONSTANT(CUBLASLT_EPILOGUE_GELU_BIAS, CUBLASLT_EPILOGUE_GELU_BIAS, 36);
CONSTANT(CUBLASLT_EPILOGUE_GELU_AUX, CUBLASLT_EPILOGUE_GELU_AUX, 160);
CONSTANT(CUBLASLT_EPILOGUE_GELU_AUX_BIAS, CUBLASLT_EPILOGUE_GELU_AUX_BIAS, 164);
CONSTANT(CUBLASLT_EPILOGUE_DGELU, CUBLASLT_EPILOGUE_DGELU, 192);
CONSTANT(CUBLASLT_EPILOGUE_DGELU_BGRAD, CUBLASLT_EPILOGUE_DGELU_BGRAD, 208);
CONSTANT(CUBLASLT_EPILOGUE_BGRADA, CUBLASLT_EPILOGUE_BGRADA, 256);
CONSTANT(CUBLASLT_EPILOGUE_BGRADB, CUBLASLT_EPILOGUE_BGRADB, 512);

CONSTANT(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, 5);
CONSTANT(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, 6);
CONSTANT(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, 1);
CONSTANT(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, 5);
CONSTANT(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, 6);
CONSTANT(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, 7);
CONSTANT(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, 8);

CONSTANT(HEURISTIC_BYTES, sizeof(cublasLtMatmulHeuristicResult_t), 96);
CONSTANT(HEURISTIC_WORKSPACE, offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize), 64);
CONSTANT(HEURISTIC_STATE, offsetof(cublasLtMatmulHeuristicResult_t, state), 72);

_Static_assert(offsetof(cublasLtMatmulHeuristicResult_t, algo) == 0, "the algorithm comes first");
_Static_assert(sizeof(((cublasLtMatmulHeuristicResult_t *)0)->workspaceSize) == 8, "workspaceSize");
_Static_assert(sizeof(cublasOperation_t) == 4 && sizeof(cublasLtEpilogue_t) == 4 && sizeof(cudaDataType) == 4, "attributes of 4 bytes");

AS_ADDRESS(cublasLtHandle_t);
AS_ADDRESS(cublasLtMatmulDesc_t);
AS_ADDRESS(cublasLtMatmulPreference_t);
AS_ADDRESS(cublasLtMatrixLayout_t);
AS_ADDRESS(cudaStream_t);
AS_INT(cublasComputeType_t);
AS_INT(cublasLtMatmulDescAttributes_t);
AS_INT(cublasLtMatmulPreferenceAttributes_t);
AS_INT(cublasLtMatrixLayoutAttribute_t);
AS_INT(cublasStatus_t);
AS_INT(cudaDataType);
AS_INT(cudaDataType_t);
AS_INT(int);
AS_LONG(int64_t);
AS_LONG(size_t);
AS_LONG(uint64_t);

FUNCTION(cublasLtGetVersion, size_t, void);
FUNCTION(cublasLtGetStatusName, const char *, cublasStatus_t);
FUNCTION(cublasLtGetStatusString, const char *, cublasStatus_t);
FUNCTION(cublasLtCreate, cublasStatus_t, cublasLtHandle_t *);
FUNCTION(cublasLtDestroy, cublasStatus_t, cublasLtHandle_t);

FUNCTION(cublasLtMatmulDescCreate, cublasStatus_t, cublasLtMatmulDesc_t *, cublasComputeType_t, cudaDataType_t);
FUNCTION(cublasLtMatmulDescDestroy, cublasStatus_t, cublasLtMatmulDesc_t);
FUNCTION(cublasLtMatmulDescSetAttribute, cublasStatus_t, cublasLtMatmulDesc_t, cublasLtMatmulDescAttributes_t,
  const void *, size_t);
FUNCTION(cublasLtMatrixLayoutCreate, cublasStatus_t, cublasLtMatrixLayout_t *, cudaDataType, uint64_t, uint64_t,
  int64_t);
FUNCTION(cublasLtMatrixLayoutDestroy, cublasStatus_t, cublasLtMatrixLayout_t);
FUNCTION(cublasLtMatrixLayoutSetAttribute, cublasStatus_t, cublasLtMatrixLayout_t, cublasLtMatrixLayoutAttribute_t,
  const void *, size_t);
FUNCTION(cublasLtMatmulPreferenceCreate, cublasStatus_t, cublasLtMatmulPreference_t *);
FUNCTION(cublasLtMatmulPreferenceDestroy, cublasStatus_t, cublasLtMatmulPreference_t);
FUNCTION(cublasLtMatmulPreferenceSetAttribute, cublasStatus_t, cublasLtMatmulPreference_t,
  cublasLtMatmulPreferenceAttributes_t, const void *, size_t);

FUNCTION(cublasLtMatmulAlgoGetHeuristic, cublasStatus_t, cublasLtHandle_t, cublasLtMatmulDesc_t,
  cublasLtMatrixLayout_t, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
  cublasLtMatmulPreference_t, int, cublasLtMatmulHeuristicResult_t *, int *);
FUNCTION(cublasLtMatmul, cublasStatus_t, cublasLtHandle_t, cublasLtMatmulDesc_t, const void *, const void *,
  cublasLtMatrixLayout_t, const void *, cublasLtMatrixLayout_t, const void *, const void *, cublasLtMatrixLayout_t,
  void *, cublasLtMatrixLayout_t, const cublasLtMatmulAlgo_t *, void *, size_t, cudaStream_t);
