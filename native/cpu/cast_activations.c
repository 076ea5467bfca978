/* float32 to bfloat16 and back, with all threads, overflow to infinity without a word. Operation: Cast. */
#include "bf16.h"
#include "kernels.h"

void kiln_narrow(const float *x, uint16_t *y, int64_t n) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) y[i] = kiln_bf16_store(x[i]);
}

void kiln_widen(const uint16_t *x, float *y, int64_t n) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) y[i] = kiln_bf16_load(x[i]);
}
