/* One device, its context, and the words for errors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

static bool initialised;
static int retained;
static _Thread_local CUcontext current;
static int live;

#define CONTEXT ((CUcontext)(uintptr_t)0xc0de)

FAKE_API int kiln_fake_live(void) { return __atomic_load_n(&live, __ATOMIC_SEQ_CST); }

void fake_made(int n) { __atomic_add_fetch(&live, n, __ATOMIC_SEQ_CST); }

bool fake_is(const void *handle, fake_kind kind) { return handle != NULL && *(const fake_kind *)handle == kind; }

CUresult fake_ready(void) {
  if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
  return current != NULL && retained > 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

FAKE_API CUresult cuInit(unsigned int flags) {
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  initialised = true;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuDriverGetVersion(int *version) {
  *version = CUDA_VERSION;
  return CUDA_SUCCESS;
}

typedef struct {
  CUresult status;
  const char *name, *words;
} fake_error;

static const fake_error ERRORS[] = {
    {CUDA_SUCCESS, "CUDA_SUCCESS", "no error"},
    {CUDA_ERROR_INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {CUDA_ERROR_NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {CUDA_ERROR_INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {CUDA_ERROR_INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {CUDA_ERROR_NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {CUDA_ERROR_NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
     "operation not permitted when stream is capturing"},
    {CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED",
     "capturing stream has unjoined work"},
    {CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION",
     "dependency created on uncaptured work in another stream"},
    {CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, "CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE",
     "the graph update was not performed because it included changes which violated constraints"},
    {CUDA_ERROR_ILLEGAL_STATE, "CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"},
};

static const fake_error *error_of(CUresult status) {
  for (size_t i = 0; i < sizeof(ERRORS) / sizeof(*ERRORS); i++) {
    if (ERRORS[i].status == status) return &ERRORS[i];
  }
  return NULL;
}

FAKE_API CUresult cuGetErrorName(CUresult status, const char **text) {
  const fake_error *error = error_of(status);
  *text = error == NULL ? NULL : error->name;
  return error == NULL ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

FAKE_API CUresult cuGetErrorString(CUresult status, const char **text) {
  const fake_error *error = error_of(status);
  *text = error == NULL ? NULL : error->words;
  return error == NULL ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

static int num_devices(void) {
  const char *set = getenv("KILN_FAKE_CUDA_DEVICES");
  return set == NULL ? 1 : atoi(set);
}

bool fake_is_device(int device) { return device >= 0 && device < num_devices(); }

FAKE_API CUresult cuDeviceGetCount(int *count) {
  if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
  *count = num_devices();
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
  if (!fake_is_device(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
  *device = ordinal;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuDeviceGetName(char *name, int room, CUdevice device) {
  if (!fake_is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
  snprintf(name, (size_t)room, "Kiln test device");
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice device) {
  if (!fake_is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
  for (int i = 0; i < 16; i++) uuid->bytes[i] = (char)(0x10 * i + i + device);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuDeviceGetPCIBusId(char *id, int room, CUdevice device) {
  if (!fake_is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
  snprintf(id, (size_t)room, "0000:%02X:00.0", 0x1b + device);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device) {
  if (!fake_is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: *value = 132; break;
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE: *value = 1980000; break;
    case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: *value = 3201000; break;
    case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: *value = 6144; break;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: *value = 62914560; break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *value = 9; break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *value = 0; break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: *value = FAKE_SHARED_BYTES_OPTIN; break;
    case CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED: *value = 1; break;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
  if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
  if (!fake_is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
  __atomic_add_fetch(&retained, 1, __ATOMIC_SEQ_CST);
  fake_made(1);
  *context = CONTEXT;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  if (!fake_is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
  if (retained == 0) return CUDA_ERROR_INVALID_CONTEXT;
  fake_finish_all();
  __atomic_sub_fetch(&retained, 1, __ATOMIC_SEQ_CST);
  fake_made(-1);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuCtxSetCurrent(CUcontext context) {
  if (context != NULL && context != CONTEXT) return CUDA_ERROR_INVALID_CONTEXT;
  current = context;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuCtxGetCurrent(CUcontext *context) {
  *context = current;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuCtxSynchronize(void) {
  CUresult ready = fake_ready();
  return ready == CUDA_SUCCESS ? fake_finish_all() : ready;
}

FAKE_API CUresult cuCtxGetStreamPriorityRange(int *least, int *greatest) {
  *least = 0;
  *greatest = -5;
  return fake_ready();
}
