/*
 * Checks of bindings/…/cuda/CudaConstants.java and CudaFunctions.java against cuda.h (CUDA 13.0): it compiles only if every
 * constant and signature agrees. A test (CudaHeadersTest) compares this file with those classes.
 */
#include <limits.h>
#include <stddef.h>

#include "cuda.h"

#include "check.h"

CONSTANT(CUDA_SUCCESS, CUDA_SUCCESS, 0);
CONSTANT(CUDA_ERROR_OUT_OF_MEMORY, CUDA_ERROR_OUT_OF_MEMORY, 2);
CONSTANT(CUDA_ERROR_NO_DEVICE, CUDA_ERROR_NO_DEVICE, 100);
CONSTANT(CUDA_ERROR_NOT_READY, CUDA_ERROR_NOT_READY, 600);

CONSTANT(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 16);
CONSTANT(CU_DEVICE_ATTRIBUTE_CLOCK_RATE, CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 13);
CONSTANT(CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 36);
CONSTANT(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 37);
CONSTANT(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 38);
CONSTANT(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 75);
CONSTANT(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 76);
CONSTANT(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 97);
CONSTANT(CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, 115);

CONSTANT(CU_STREAM_NON_BLOCKING, CU_STREAM_NON_BLOCKING, 1);
CONSTANT(CU_EVENT_DEFAULT, CU_EVENT_DEFAULT, 0);
CONSTANT(CU_EVENT_DISABLE_TIMING, CU_EVENT_DISABLE_TIMING, 2);
CONSTANT(CU_MEMHOSTALLOC_PORTABLE, CU_MEMHOSTALLOC_PORTABLE, 1);
CONSTANT(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL, 1);
CONSTANT(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 8);
CONSTANT(CU_FUNC_ATTRIBUTE_NUM_REGS, CU_FUNC_ATTRIBUTE_NUM_REGS, 4);
CONSTANT(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, 3);
CONSTANT(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 0);
CONSTANT(CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER, 5);
CONSTANT(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, 6);
CONSTANT(CU_GRAPH_EXEC_UPDATE_SUCCESS, CU_GRAPH_EXEC_UPDATE_SUCCESS, 0);
CONSTANT(CU_LAUNCH_ATTRIBUTE_COOPERATIVE, CU_LAUNCH_ATTRIBUTE_COOPERATIVE, 2);
CONSTANT(CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION, CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION, 4);

CONSTANT(CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, 4);
CONSTANT(CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT, 5);
CONSTANT(CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH, CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH, 6);
CONSTANT(CU_MEMPOOL_ATTR_USED_MEM_CURRENT, CU_MEMPOOL_ATTR_USED_MEM_CURRENT, 7);
CONSTANT(CU_MEMPOOL_ATTR_USED_MEM_HIGH, CU_MEMPOOL_ATTR_USED_MEM_HIGH, 8);

CONSTANT(POOL_PROPS_BYTES, sizeof(CUmemPoolProps), 88);
CONSTANT(POOL_PROPS_ALLOC_TYPE, offsetof(CUmemPoolProps, allocType), 0);
CONSTANT(POOL_PROPS_LOCATION_TYPE, offsetof(CUmemPoolProps, location.type), 8);
CONSTANT(POOL_PROPS_LOCATION_ID, offsetof(CUmemPoolProps, location.id), 12);
CONSTANT(POOL_PROPS_MAX_SIZE, offsetof(CUmemPoolProps, maxSize), 24);
CONSTANT(CU_MEM_ALLOCATION_TYPE_PINNED, CU_MEM_ALLOCATION_TYPE_PINNED, 1);
CONSTANT(CU_MEM_LOCATION_TYPE_DEVICE, CU_MEM_LOCATION_TYPE_DEVICE, 1);

CONSTANT(LAUNCH_CONFIG_BYTES, sizeof(CUlaunchConfig), 56);
CONSTANT(LAUNCH_CONFIG_BLOCK, offsetof(CUlaunchConfig, blockDimX), 12);
CONSTANT(LAUNCH_CONFIG_SHARED_BYTES, offsetof(CUlaunchConfig, sharedMemBytes), 24);
CONSTANT(LAUNCH_CONFIG_STREAM, offsetof(CUlaunchConfig, hStream), 32);
CONSTANT(LAUNCH_CONFIG_ATTRIBUTES, offsetof(CUlaunchConfig, attrs), 40);
CONSTANT(LAUNCH_CONFIG_NUM_ATTRIBUTES, offsetof(CUlaunchConfig, numAttrs), 48);
CONSTANT(LAUNCH_ATTRIBUTE_BYTES, sizeof(CUlaunchAttribute), 72);
CONSTANT(LAUNCH_ATTRIBUTE_VALUE, offsetof(CUlaunchAttribute, value), 8);

CONSTANT(GRAPH_UPDATE_RESULT_BYTES, sizeof(CUgraphExecUpdateResultInfo), 24);
CONSTANT(UUID_BYTES, sizeof(CUuuid), 16);

_Static_assert(offsetof(CUlaunchConfig, gridDimX) == 0 && offsetof(CUlaunchConfig, gridDimZ) == 8, "grid");
_Static_assert(offsetof(CUlaunchConfig, blockDimY) == 16 && offsetof(CUlaunchConfig, blockDimZ) == 20,
               "block");
_Static_assert(offsetof(CUlaunchAttribute, id) == 0 && sizeof(((CUlaunchAttribute *)0)->id) == 4, "CUlaunchAttribute.id");
_Static_assert(sizeof(((CUlaunchAttributeValue *)0)->cooperative) == 4, "cooperative");
_Static_assert(offsetof(CUlaunchAttributeValue, clusterDim.x) == 0 && offsetof(CUlaunchAttributeValue, clusterDim.z) == 8,
               "clusterDim");
_Static_assert(sizeof(((CUmemPoolProps *)0)->allocType) == 4 && sizeof(((CUmemPoolProps *)0)->maxSize) == 8, "CUmemPoolProps");
_Static_assert(sizeof(cuuint64_t) == 8, "attributes of pools");
_Static_assert(offsetof(CUgraphExecUpdateResultInfo, result) == 0 && sizeof(CUgraphExecUpdateResult) == 4, "graph update");
_Static_assert(sizeof(CUjit_option) == 4, "CUjit_option");

AS_ADDRESS(CUcontext);
AS_ADDRESS(CUevent);
AS_ADDRESS(CUfunction);
AS_ADDRESS(CUgraph);
AS_ADDRESS(CUgraphExec);
AS_ADDRESS(CUmemoryPool);
AS_ADDRESS(CUmodule);
AS_ADDRESS(CUstream);
AS_BYTE(unsigned char);
AS_INT(CUdevice);
AS_INT(CUdevice_attribute);
AS_INT(CUfunction_attribute);
AS_INT(CUmemPool_attribute);
AS_INT(CUresult);
AS_INT(CUstreamCaptureMode);
AS_INT(int);
AS_INT(unsigned int);
AS_LONG(CUdeviceptr);
AS_LONG(size_t);
AS_LONG(unsigned long long);

FUNCTION(cuInit, CUresult, unsigned int);
FUNCTION(cuDriverGetVersion, CUresult, int *);
FUNCTION(cuGetErrorName, CUresult, CUresult, const char **);
FUNCTION(cuGetErrorString, CUresult, CUresult, const char **);
FUNCTION(cuDeviceGetCount, CUresult, int *);
FUNCTION(cuDeviceGet, CUresult, CUdevice *, int);
FUNCTION(cuDeviceGetName, CUresult, char *, int, CUdevice);
FUNCTION(cuDeviceGetUuid_v2, CUresult, CUuuid *, CUdevice);
FUNCTION(cuDeviceGetPCIBusId, CUresult, char *, int, CUdevice);
FUNCTION(cuDeviceTotalMem_v2, CUresult, size_t *, CUdevice);
FUNCTION(cuDeviceGetAttribute, CUresult, int *, CUdevice_attribute, CUdevice);
FUNCTION(cuDevicePrimaryCtxRetain, CUresult, CUcontext *, CUdevice);
FUNCTION(cuDevicePrimaryCtxRelease_v2, CUresult, CUdevice);
FUNCTION(cuCtxSetCurrent, CUresult, CUcontext);
FUNCTION(cuCtxGetCurrent, CUresult, CUcontext *);
FUNCTION(cuCtxSynchronize, CUresult, void);
FUNCTION(cuCtxGetStreamPriorityRange, CUresult, int *, int *);

FUNCTION(cuMemGetInfo_v2, CUresult, size_t *, size_t *);
FUNCTION(cuMemPoolCreate, CUresult, CUmemoryPool *, const CUmemPoolProps *);
FUNCTION(cuMemPoolDestroy, CUresult, CUmemoryPool);
FUNCTION(cuMemPoolSetAttribute, CUresult, CUmemoryPool, CUmemPool_attribute, void *);
FUNCTION(cuMemPoolGetAttribute, CUresult, CUmemoryPool, CUmemPool_attribute, void *);
FUNCTION(cuMemPoolTrimTo, CUresult, CUmemoryPool, size_t);
FUNCTION(cuMemAllocFromPoolAsync, CUresult, CUdeviceptr *, size_t, CUmemoryPool, CUstream);
FUNCTION(cuMemFreeAsync, CUresult, CUdeviceptr, CUstream);
FUNCTION(cuMemHostAlloc, CUresult, void **, size_t, unsigned int);
FUNCTION(cuMemFreeHost, CUresult, void *);
FUNCTION(cuMemHostRegister_v2, CUresult, void *, size_t, unsigned int);
FUNCTION(cuMemHostUnregister, CUresult, void *);
FUNCTION(cuMemcpyHtoDAsync_v2, CUresult, CUdeviceptr, const void *, size_t, CUstream);
FUNCTION(cuMemcpyDtoHAsync_v2, CUresult, void *, CUdeviceptr, size_t, CUstream);
FUNCTION(cuMemcpyDtoDAsync_v2, CUresult, CUdeviceptr, CUdeviceptr, size_t, CUstream);
FUNCTION(cuMemsetD8Async, CUresult, CUdeviceptr, unsigned char, size_t, CUstream);
FUNCTION(cuMemsetD32Async, CUresult, CUdeviceptr, unsigned int, size_t, CUstream);

FUNCTION(cuStreamCreateWithPriority, CUresult, CUstream *, unsigned int, int);
FUNCTION(cuStreamDestroy_v2, CUresult, CUstream);
FUNCTION(cuStreamSynchronize, CUresult, CUstream);
FUNCTION(cuStreamQuery, CUresult, CUstream);
FUNCTION(cuStreamWaitEvent, CUresult, CUstream, CUevent, unsigned int);
FUNCTION(cuEventCreate, CUresult, CUevent *, unsigned int);
FUNCTION(cuEventRecord, CUresult, CUevent, CUstream);
FUNCTION(cuEventQuery, CUresult, CUevent);
FUNCTION(cuEventSynchronize, CUresult, CUevent);
FUNCTION(cuEventElapsedTime_v2, CUresult, float *, CUevent, CUevent);
FUNCTION(cuEventDestroy_v2, CUresult, CUevent);

FUNCTION(cuModuleLoadDataEx, CUresult, CUmodule *, const void *, unsigned int, CUjit_option *, void **);
FUNCTION(cuModuleUnload, CUresult, CUmodule);
FUNCTION(cuModuleGetFunction, CUresult, CUfunction *, CUmodule, const char *);
FUNCTION(cuFuncGetAttribute, CUresult, int *, CUfunction_attribute, CUfunction);
FUNCTION(cuFuncSetAttribute, CUresult, CUfunction, CUfunction_attribute, int);
FUNCTION(cuOccupancyMaxActiveBlocksPerMultiprocessor, CUresult, int *, CUfunction, int, size_t);
FUNCTION(cuLaunchKernel, CUresult, CUfunction, unsigned int, unsigned int, unsigned int, unsigned int, unsigned int,
         unsigned int, unsigned int, CUstream, void **, void **);
FUNCTION(cuLaunchKernelEx, CUresult, const CUlaunchConfig *, CUfunction, void **, void **);

FUNCTION(cuStreamBeginCapture_v2, CUresult, CUstream, CUstreamCaptureMode);
FUNCTION(cuStreamEndCapture, CUresult, CUstream, CUgraph *);
FUNCTION(cuGraphGetNodes, CUresult, CUgraph, CUgraphNode *, size_t *);
FUNCTION(cuGraphInstantiateWithFlags, CUresult, CUgraphExec *, CUgraph, unsigned long long);
FUNCTION(cuGraphUpload, CUresult, CUgraphExec, CUstream);
FUNCTION(cuGraphLaunch, CUresult, CUgraphExec, CUstream);
FUNCTION(cuGraphExecUpdate_v2, CUresult, CUgraphExec, CUgraph, CUgraphExecUpdateResultInfo *);
FUNCTION(cuGraphExecDestroy, CUresult, CUgraphExec);
FUNCTION(cuGraphDestroy, CUresult, CUgraph);
