/* Device memory from pools, pinned host memory, copies and fills. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

struct CUmemPoolHandle_st {
  fake_kind kind;
  cuuint64_t max_bytes, release_threshold, used, used_high;
};

typedef struct block {
  char *start;
  size_t bytes;
  CUmemoryPool pool;
  struct block *next;
} block;

/* Host memory that the device copies from and to by itself. */
typedef struct range {
  const char *start;
  size_t bytes;
  struct range *next;
} range;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block *blocks;
static range *pinned;
static size_t used_bytes;

static size_t total_bytes(void) {
  const char *set = getenv("KILN_FAKE_CUDA_MEMORY");
  return set == NULL ? (size_t)256 << 20 : strtoull(set, NULL, 10);
}

bool fake_is_device_memory(CUdeviceptr start, size_t bytes) {
  bool found = false;
  pthread_mutex_lock(&lock);
  for (block *b = blocks; b != NULL && !found; b = b->next) {
    size_t offset = (size_t)(start - (CUdeviceptr)(uintptr_t)b->start);
    found = start >= (CUdeviceptr)(uintptr_t)b->start && offset <= b->bytes && bytes <= b->bytes - offset;
  }
  pthread_mutex_unlock(&lock);
  return found;
}

FAKE_API int32_t kiln_fake_is_on_device(const void *start, size_t bytes) {
  return fake_is_device_memory((CUdeviceptr)(uintptr_t)start, bytes);
}

FAKE_API CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
  if (!fake_is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
  *bytes = total_bytes();
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
  *total = total_bytes();
  *free_bytes = *total - used_bytes;
  return fake_ready();
}

FAKE_API CUresult cuMemPoolCreate(CUmemoryPool *pool, const CUmemPoolProps *props) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  if (props->allocType != CU_MEM_ALLOCATION_TYPE_PINNED || props->location.type != CU_MEM_LOCATION_TYPE_DEVICE ||
      !fake_is_device(props->location.id) || props->handleTypes != CU_MEM_HANDLE_TYPE_NONE) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *pool = calloc(1, sizeof(**pool));
  (*pool)->kind = FAKE_POOL;
  (*pool)->max_bytes = props->maxSize;
  fake_made(1);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuMemPoolDestroy(CUmemoryPool pool) {
  if (!fake_is(pool, FAKE_POOL)) return CUDA_ERROR_INVALID_HANDLE;
  if (pool->used != 0) return CUDA_ERROR_ILLEGAL_STATE; /* the real driver destroys it with its last allocation */
  pool->kind = 0;
  fake_made(-1);
  return CUDA_SUCCESS;
}

static cuuint64_t *attribute_of(CUmemoryPool pool, CUmemPool_attribute attribute) {
  switch (attribute) {
    case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: return &pool->release_threshold;
    case CU_MEMPOOL_ATTR_USED_MEM_CURRENT:
    case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT: return &pool->used;
    case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
    case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH: return &pool->used_high;
    default: return NULL;
  }
}

FAKE_API CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value) {
  if (!fake_is(pool, FAKE_POOL)) return CUDA_ERROR_INVALID_HANDLE;
  cuuint64_t *found = attribute_of(pool, attribute);
  if (found == NULL) return CUDA_ERROR_INVALID_VALUE;
  *(cuuint64_t *)value = *found;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value) {
  if (!fake_is(pool, FAKE_POOL)) return CUDA_ERROR_INVALID_HANDLE;
  cuuint64_t new = *(cuuint64_t *)value;
  switch (attribute) {
    case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: pool->release_threshold = new; return CUDA_SUCCESS;
    case CU_MEMPOOL_ATTR_USED_MEM_HIGH: /* only a reset */
      if (new != 0) return CUDA_ERROR_INVALID_VALUE;
      pool->used_high = pool->used;
      return CUDA_SUCCESS;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

FAKE_API CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t keep) {
  (void)keep;
  return fake_is(pool, FAKE_POOL) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

FAKE_API CUresult cuMemAllocFromPoolAsync(CUdeviceptr *address, size_t bytes, CUmemoryPool pool, CUstream stream) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  if (!fake_is(pool, FAKE_POOL) || !fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  if (stream->capture != NULL) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
  pthread_mutex_lock(&lock);
  bool fits = bytes <= total_bytes() - used_bytes && (pool->max_bytes == 0 || bytes <= pool->max_bytes - pool->used);
  block *b = fits ? malloc(sizeof(block)) : NULL;
  if (b != NULL) {
    *b = (block){aligned_alloc(512, (bytes + 511) / 512 * 512), bytes, pool, blocks};
    memset(b->start, 0xa5, bytes);
    blocks = b;
    used_bytes += bytes;
    pool->used += bytes;
    if (pool->used > pool->used_high) pool->used_high = pool->used;
    *address = (CUdeviceptr)(uintptr_t)b->start;
    fake_made(1);
  }
  pthread_mutex_unlock(&lock);
  return fits ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

FAKE_API CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream) {
  if (!fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  if (stream->capture != NULL) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  fake_work work = {.what = WORK_FREE};
  pthread_mutex_lock(&lock);
  for (block **at = &blocks; *at != NULL; at = &(*at)->next) {
    block *b = *at;
    if ((CUdeviceptr)(uintptr_t)b->start == address) {
      /* Nothing may be queued with it from now on, and others may have as much; it goes when the stream comes to that. */
      used_bytes -= b->bytes;
      b->pool->used -= b->bytes;
      work.from = b->start;
      work.count = b->bytes;
      *at = b->next;
      free(b);
      fake_made(-1);
      break;
    }
  }
  pthread_mutex_unlock(&lock);
  return work.from == NULL ? CUDA_ERROR_INVALID_VALUE : fake_submit(stream, &work);
}

static void pin(const void *start, size_t bytes) {
  range *r = malloc(sizeof(*r));
  pthread_mutex_lock(&lock);
  *r = (range){start, bytes, pinned};
  pinned = r;
  pthread_mutex_unlock(&lock);
  fake_made(1);
}

/* Whether it was pinned. What is queued with it is done first. */
static bool unpin(const void *start) {
  fake_finish_all();
  range *found = NULL;
  pthread_mutex_lock(&lock);
  for (range **at = &pinned; *at != NULL && found == NULL; at = found == NULL ? &(*at)->next : at) {
    if ((*at)->start == start) {
      found = *at;
      *at = found->next;
    }
  }
  pthread_mutex_unlock(&lock);
  if (found == NULL) return false;
  free(found);
  fake_made(-1);
  return true;
}

static bool is_pinned(const char *start, size_t bytes) {
  bool found = false;
  pthread_mutex_lock(&lock);
  for (range *r = pinned; r != NULL && !found; r = r->next) found = start >= r->start && start + bytes <= r->start + r->bytes;
  pthread_mutex_unlock(&lock);
  return found;
}

FAKE_API CUresult cuMemHostAlloc(void **address, size_t bytes, unsigned int flags) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  if ((flags & ~7u) != 0 || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
  if (bytes > total_bytes()) return CUDA_ERROR_OUT_OF_MEMORY;
  *address = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  pin(*address, bytes);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuMemFreeHost(void *address) {
  if (!unpin(address)) return CUDA_ERROR_INVALID_VALUE;
  free(address);
  return fake_ready();
}

FAKE_API CUresult cuMemHostRegister_v2(void *address, size_t bytes, unsigned int flags) {
  if (address == NULL || bytes == 0 || (flags & ~15u) != 0) return CUDA_ERROR_INVALID_VALUE;
  pin(address, bytes);
  return fake_ready();
}

FAKE_API CUresult cuMemHostUnregister(void *address) {
  return unpin(address) ? fake_ready() : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
}

FAKE_API CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
  if (!fake_is_device_memory(to, bytes)) return CUDA_ERROR_ILLEGAL_ADDRESS;
  fake_work work = {.what = WORK_COPY, .to = (void *)(uintptr_t)to, .from = from, .count = bytes};
  bool is_stream = fake_is(stream, FAKE_STREAM);
  if (is_stream && (fake_lazy() || stream->pumped) && stream->capture == NULL && !is_pinned(from, bytes)) {
    void *staged = malloc(bytes + 1);
    memcpy(staged, from, bytes);
    work.from = staged;
    work.owned = true;
  }
  return fake_submit(stream, &work);
}

FAKE_API CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (!fake_is_device_memory(from, bytes)) return CUDA_ERROR_ILLEGAL_ADDRESS;
  fake_work work = {.what = WORK_COPY, .to = to, .from = (void *)(uintptr_t)from, .count = bytes};
  CUresult result = fake_submit(stream, &work);
  /* Only copies to pinned memory go on by themselves. */
  return result != CUDA_SUCCESS || stream->capture != NULL || is_pinned(to, bytes) ? result : fake_finish_stream(stream);
}

FAKE_API CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (!fake_is_device_memory(to, bytes) || !fake_is_device_memory(from, bytes)) return CUDA_ERROR_ILLEGAL_ADDRESS;
  fake_work work = {.what = WORK_COPY, .to = (void *)(uintptr_t)to, .from = (void *)(uintptr_t)from, .count = bytes};
  return fake_submit(stream, &work);
}

FAKE_API CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) {
  if (!fake_is_device_memory(to, count)) return CUDA_ERROR_ILLEGAL_ADDRESS;
  fake_work work = {.what = WORK_FILL8, .to = (void *)(uintptr_t)to, .value = value, .count = count};
  return fake_submit(stream, &work);
}

FAKE_API CUresult cuMemsetD32Async(CUdeviceptr to, unsigned int value, size_t count, CUstream stream) {
  if (to % 4 != 0) return CUDA_ERROR_INVALID_VALUE;
  if (!fake_is_device_memory(to, 4 * count)) return CUDA_ERROR_ILLEGAL_ADDRESS;
  fake_work work = {.what = WORK_FILL32, .to = (void *)(uintptr_t)to, .value = value, .count = count};
  return fake_submit(stream, &work);
}
