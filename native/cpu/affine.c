/* y = scale * x + shift, from uint8, int32 or float32 to float32. Operation: Affine. */
#include "kernels.h"

void kiln_affine_f32(const float *x, float *y, int64_t n, float scale, float shift) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) y[i] = scale * x[i] + shift;
}

void kiln_affine_u8(const uint8_t *x, float *y, int64_t n, float scale, float shift) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) y[i] = scale * (float)x[i] + shift;
}

void kiln_affine_i32(const int32_t *x, float *y, int64_t n, float scale, float shift) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) y[i] = scale * (float)x[i] + shift;
}
