/* y = scale * x + shift, from float32 or bfloat16 to the same, or from uint8 or int32 to float32. Operation: Affine. */
#ifndef elem
#include "kernels.h"

#define KILN_BODY "affine.c"
#include "float_types.h"

void kiln_affine(int32_t bf16, const void *x, void *y, int64_t n, float scale, float shift) {
  KILN_CALL_TYPED(bf16, affine, x, y, n, scale, shift);
}

void kiln_affine_u8(const uint8_t *x, float *y, int64_t n, float scale, float shift) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) y[i] = scale * (float)x[i] + shift;
}

void kiln_affine_i32(const int32_t *x, float *y, int64_t n, float scale, float shift) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) y[i] = scale * (float)x[i] + shift;
}

#else

static void TYPED(affine)(const elem *x, elem *y, int64_t n, float scale, float shift) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) y[i] = STORE(scale * LOAD(x[i]) + shift);
}

#endif
