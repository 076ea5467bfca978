/*
 * How the libraries for tests give work to the driver for tests: a function and bytes for it, done where the stream's order has
 * it, and again whenever a graph that it was recorded into is launched. They find the driver in the process, as it was loaded.
 */
#ifndef KILN_FAKE_QUEUE_H
#define KILN_FAKE_QUEUE_H

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

/* What a function of kiln_fake_queue may be given. */
#define FAKE_QUEUE_BYTES 2048

/* 0, or the CUresult of its failure. It gets a copy of the bytes, aligned to 16. */
typedef int32_t fake_call(void *bytes);

/* A function of the driver's; null if that is not loaded. */
static inline void *fake_driver(const char *function) {
  void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  if (driver == NULL) return NULL;
  void *found = dlsym(driver, function);
  dlclose(driver);
  return found;
}

/* 0, or a CUresult: 3 (CUDA_ERROR_NOT_INITIALIZED) if no driver for tests is loaded. */
static inline int32_t fake_queue(void *stream, fake_call *call, const void *bytes, size_t size) {
  int32_t (*queue)(void *, fake_call *, const void *, size_t) =
      (int32_t (*)(void *, fake_call *, const void *, size_t))fake_driver("kiln_fake_queue");
  return queue == NULL ? 3 : queue(stream, call, bytes, size);
}

/* Whether all of it is live device memory. */
static inline int32_t fake_is_on_device(const void *start, size_t bytes) {
  int32_t (*is)(const void *, size_t) = (int32_t (*)(const void *, size_t))fake_driver("kiln_fake_is_on_device");
  return is != NULL && is(start, bytes);
}

#endif
