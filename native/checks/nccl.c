/*
 * Checks of bindings/…/cuda/NcclConstants.java and NcclFunctions.java against nccl.h (NCCL 2.30.7): it compiles only if every
 * constant and signature agrees. A test (CudaHeadersTest) compares this file with those classes.
 */
#include <limits.h>
#include <stddef.h>

#include "nccl.h"

#include "check.h"

CONSTANT(SUCCESS, ncclSuccess, 0);
CONSTANT(IN_PROGRESS, ncclInProgress, 7);
CONSTANT(UNIQUE_ID_BYTES, sizeof(ncclUniqueId), 128);

CONSTANT(INT8, ncclInt8, 0);
CONSTANT(INT32, ncclInt32, 2);
CONSTANT(INT64, ncclInt64, 4);
CONSTANT(FLOAT32, ncclFloat32, 7);
CONSTANT(BFLOAT16, ncclBfloat16, 9);

CONSTANT(SUM, ncclSum, 0);
CONSTANT(MAX, ncclMax, 2);
CONSTANT(MIN, ncclMin, 3);
CONSTANT(AVG, ncclAvg, 4);

CONSTANT(CONFIG_BYTES, offsetof(ncclConfig_t, splitShare) + 8, 48);
CONSTANT(CONFIG_MAGIC, offsetof(ncclConfig_t, magic), 8);
CONSTANT(CONFIG_VERSION, offsetof(ncclConfig_t, version), 12);
CONSTANT(CONFIG_BLOCKING, offsetof(ncclConfig_t, blocking), 16);
CONSTANT(CONFIG_NET_NAME, offsetof(ncclConfig_t, netName), 32);
CONSTANT(CONFIG_SPLIT_SHARE, offsetof(ncclConfig_t, splitShare), 40);
CONSTANT(API_MAGIC, (int)NCCL_API_MAGIC, -889274641);
CONSTANT(VERSION_2_18, NCCL_VERSION(2, 18, 0), 21800);

_Static_assert(offsetof(ncclConfig_t, size) == 0 && sizeof(((ncclConfig_t *)0)->size) == 8, "ncclConfig_t.size");
_Static_assert(NCCL_CONFIG_UNDEF_INT == INT_MIN && NCCL_CONFIG_UNDEF_PTR == NULL, "what is not set");
_Static_assert(offsetof(ncclConfig_t, maxCTAs) + 4 == offsetof(ncclConfig_t, netName), "int members before netName");
_Static_assert(offsetof(ncclConfig_t, splitShare) == offsetof(ncclConfig_t, netName) + 8, "netName");

AS_ADDRESS(cudaStream_t);
AS_ADDRESS(ncclComm_t);
AS_INT(int);
AS_INT(ncclDataType_t);
AS_INT(ncclRedOp_t);
AS_INT(ncclResult_t);
AS_LONG(size_t);
AS_STRUCT(ncclUniqueId);

FUNCTION(ncclGetVersion, ncclResult_t, int *);
FUNCTION(ncclGetErrorString, const char *, ncclResult_t);
FUNCTION(ncclGetLastError, const char *, ncclComm_t);
FUNCTION(ncclGetUniqueId, ncclResult_t, ncclUniqueId *);

FUNCTION(ncclCommInitRankConfig, ncclResult_t, ncclComm_t *, int, ncclUniqueId, int, ncclConfig_t *);
FUNCTION(ncclCommSplit, ncclResult_t, ncclComm_t, int, int, ncclComm_t *, ncclConfig_t *);
FUNCTION(ncclCommFinalize, ncclResult_t, ncclComm_t);
FUNCTION(ncclCommDestroy, ncclResult_t, ncclComm_t);
FUNCTION(ncclCommAbort, ncclResult_t, ncclComm_t);
FUNCTION(ncclCommGetAsyncError, ncclResult_t, ncclComm_t, ncclResult_t *);
FUNCTION(ncclCommCount, ncclResult_t, const ncclComm_t, int *);
FUNCTION(ncclCommUserRank, ncclResult_t, const ncclComm_t, int *);
FUNCTION(ncclCommCuDevice, ncclResult_t, const ncclComm_t, int *);

FUNCTION(ncclAllReduce, ncclResult_t, const void *, void *, size_t, ncclDataType_t, ncclRedOp_t, ncclComm_t,
  cudaStream_t);
FUNCTION(ncclReduce, ncclResult_t, const void *, void *, size_t, ncclDataType_t, ncclRedOp_t, int, ncclComm_t,
  cudaStream_t);
FUNCTION(ncclReduceScatter, ncclResult_t, const void *, void *, size_t, ncclDataType_t, ncclRedOp_t, ncclComm_t,
  cudaStream_t);
FUNCTION(ncclAllGather, ncclResult_t, const void *, void *, size_t, ncclDataType_t, ncclComm_t, cudaStream_t);
FUNCTION(ncclBroadcast, ncclResult_t, const void *, void *, size_t, ncclDataType_t, int, ncclComm_t, cudaStream_t);
FUNCTION(ncclSend, ncclResult_t, const void *, size_t, ncclDataType_t, int, ncclComm_t, cudaStream_t);
FUNCTION(ncclRecv, ncclResult_t, void *, size_t, ncclDataType_t, int, ncclComm_t, cudaStream_t);
FUNCTION(ncclGroupStart, ncclResult_t, void);
FUNCTION(ncclGroupEnd, ncclResult_t, void);
