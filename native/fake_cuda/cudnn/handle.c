/* The library, its words for errors, and handles. */
#include "cudnn.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../queue.h"

#define HANDLE 0x68616e64

static int live;
static _Thread_local char last[512];

/* Handles and descriptors that were made and not destroyed. */
EXPORT int32_t kiln_fake_cudnn_live(void) { return __atomic_load_n(&live, __ATOMIC_SEQ_CST); }

void made(int n) { __atomic_add_fetch(&live, n, __ATOMIC_SEQ_CST); }

int32_t fail(int32_t status, const char *words, ...) {
  va_list arguments;
  va_start(arguments, words);
  vsnprintf(last, sizeof(last), words, arguments);
  va_end(arguments);
  return status;
}

EXPORT size_t cudnnGetVersion(void) { return 92400; }

EXPORT const char *cudnnGetErrorString(int32_t status) {
  switch (status) {
    case SUCCESS: return "CUDNN_STATUS_SUCCESS";
    case NOT_INITIALIZED: return "CUDNN_STATUS_NOT_INITIALIZED";
    case BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
    case BAD_PARAM_NULL_POINTER: return "CUDNN_STATUS_BAD_PARAM_NULL_POINTER";
    case BAD_PARAM_MISALIGNED_POINTER: return "CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER";
    case BAD_PARAM_NOT_FINALIZED: return "CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED";
    case BAD_PARAM_SHAPE_MISMATCH: return "CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH";
    case BAD_PARAM_DUPLICATED_ENTRIES: return "CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES";
    case BAD_PARAM_ATTRIBUTE_TYPE: return "CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE";
    case BAD_PARAM_DESCRIPTOR_TYPE: return "CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE";
    case NOT_SUPPORTED_GRAPH_PATTERN: return "CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN";
    case NOT_SUPPORTED_SHAPE: return "CUDNN_STATUS_NOT_SUPPORTED_SHAPE";
    case NOT_SUPPORTED_DATA_TYPE: return "CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE";
    case NOT_SUPPORTED_LAYOUT: return "CUDNN_STATUS_NOT_SUPPORTED_LAYOUT";
    case EXECUTION_FAILED_CUDA_DRIVER: return "CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER";
    default: return "CUDNN_UNKNOWN_STATUS";
  }
}

EXPORT void cudnnGetLastErrorString(char *message, size_t room) {
  if (message == NULL || room == 0) return;
  snprintf(message, room, "%s", last);
  last[0] = 0;
}

handle *handle_of(void *pointer) {
  handle *h = pointer;
  return h != NULL && h->magic == HANDLE ? h : NULL;
}

EXPORT int32_t cudnnCreate(void **created) {
  int32_t (*current)(void **) = (int32_t (*)(void **))fake_driver("cuCtxGetCurrent");
  void *context = NULL;
  if (created == NULL) return fail(BAD_PARAM_NULL_POINTER, "no place for the handle");
  if (current == NULL || current(&context) != 0 || context == NULL) return fail(NOT_INITIALIZED, "the thread has no context");
  handle *h = malloc(sizeof(*h));
  *h = (handle){HANDLE, NULL};
  *created = h;
  made(1);
  return SUCCESS;
}

EXPORT int32_t cudnnDestroy(void *pointer) {
  handle *h = handle_of(pointer);
  if (h == NULL) return fail(BAD_PARAM, "no handle, or one that was destroyed");
  h->magic = 0; /* and the memory stays, so that a later use is found */
  made(-1);
  return SUCCESS;
}

EXPORT int32_t cudnnSetStream(void *pointer, void *stream) {
  handle *h = handle_of(pointer);
  if (h == NULL) return fail(BAD_PARAM, "no handle, or one that was destroyed");
  h->stream = stream;
  return SUCCESS;
}
