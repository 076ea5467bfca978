/* An image for the driver for tests: three kernels in C, behind the functions that native/cuda/host has for the real ones. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef struct {
  int64_t start, step;
  int64_t rest[10];
} ramp;

/* x[i] *= factor */
static void scale(void **a) {
  float *x = *(float **)a[0];
  int64_t n = *(int64_t *)a[1];
  float factor = *(float *)a[2];
  for (int64_t i = 0; i < n; i++) x[i] *= factor;
}

/* y[i] = start + step * i */
static void fill_ramp(void **a) {
  int64_t *y = *(int64_t **)a[0];
  int32_t n = *(int32_t *)a[1];
  ramp r = *(ramp *)a[2];
  for (int32_t i = 0; i < n; i++) y[i] = r.start + r.step * i;
}

EXPORT int64_t kiln_shim_kernels(char *text, int64_t size) {
  return snprintf(text, (size_t)size, "scale plf\nfill_ramp pis\nshape p\n") + 1;
}

EXPORT int32_t kiln_shim_launch(const char *name, int64_t blocks, int32_t threads, void **a, char *message, int64_t size) {
  if (strcmp(name, "scale") == 0) {
    if (blocks * threads < *(int64_t *)a[1]) {
      snprintf(message, (size_t)size, "scale: a thread for each number is wanted");
      return 1;
    }
    scale(a);
  } else if (strcmp(name, "fill_ramp") == 0) {
    fill_ramp(a);
  } else { /* shape: what it was launched with */
    int64_t *y = *(int64_t **)a[0];
    y[0] = blocks;
    y[1] = threads;
  }
  return 0;
}
