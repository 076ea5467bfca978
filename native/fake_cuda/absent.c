/*
 * What cuDNN looks up in a driver before it makes a plan, and what no test calls: each says that it is not supported. (Without
 * the header, whose signatures they need not have.)
 */
#define ABSENT(name) \
  __attribute__((visibility("default"))) int name(void) { return 801; /* CUDA_ERROR_NOT_SUPPORTED */ }

ABSENT(cuGetExportTable)
ABSENT(cuCtxGetLimit)
ABSENT(cuCtxPopCurrent)
ABSENT(cuCtxPushCurrent)
ABSENT(cuStreamGetCtx)
ABSENT(cuLinkCreate)
ABSENT(cuLinkAddData)
ABSENT(cuLinkComplete)
ABSENT(cuLinkDestroy)
ABSENT(cuLaunchCooperativeKernel)
ABSENT(cuLibraryLoadFromFile)
ABSENT(cuOccupancyMaxPotentialClusterSize)
