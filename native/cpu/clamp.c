/* y = min(max(x, low), high) and its gradient; NaN stays NaN. Operations: Clamp, ClampGrad. */
#include "kernels.h"

void kiln_clamp(const float *x, float *y, int64_t n, float low, float high) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) {
    float raised = x[i] < low ? low : x[i];
    y[i] = raised > high ? high : raised;
  }
}

void kiln_clamp_grad(const float *x, const float *dy, float *dx, int64_t n, float low, float high) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) dx[i] = (x[i] >= low) & (x[i] <= high) ? dy[i] : 0.0f;
}
