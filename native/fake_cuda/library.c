/*
 * Libraries of kernels as cuDNN loads them when it makes a plan: any image is accepted, and its kernels cannot be launched. With
 * this a plan that cuDNN compiles can be made, and seen to be right as far as cuDNN says, without a GPU.
 */
#include <stdlib.h>

#include "fake.h"

struct CUlib_st {
  const void *image;
};

struct CUkern_st {
  int unused;
};

static struct CUkern_st kernel;

FAKE_API CUresult cuLibraryLoadData(CUlibrary *library, const void *code, CUjit_option *jit, void **jit_values,
                                    unsigned int num_jit, CUlibraryOption *options, void **values, unsigned int count) {
  (void)jit, (void)jit_values, (void)num_jit, (void)options, (void)values, (void)count;
  if (code == NULL) return CUDA_ERROR_INVALID_VALUE;
  *library = calloc(1, sizeof(**library));
  (*library)->image = code;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuLibraryUnload(CUlibrary library) {
  free(library);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuLibraryGetKernel(CUkernel *found, CUlibrary library, const char *name) {
  if (library == NULL || name == NULL) return CUDA_ERROR_INVALID_VALUE;
  *found = &kernel;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuKernelSetAttribute(CUfunction_attribute attribute, int value, CUkernel of, CUdevice device) {
  (void)attribute, (void)value;
  return of == NULL || !fake_is_device(device) ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

FAKE_API CUresult cuKernelGetAttribute(int *value, CUfunction_attribute attribute, CUkernel of, CUdevice device) {
  (void)attribute;
  if (of == NULL || !fake_is_device(device)) return CUDA_ERROR_INVALID_VALUE;
  *value = 0;
  return CUDA_SUCCESS;
}
