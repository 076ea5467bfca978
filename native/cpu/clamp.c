/* y = min(max(x, low), high) and its gradient; NaN stays NaN. Operations: Clamp, ClampGrad. */
#ifndef elem
#include "kernels.h"

#define KILN_BODY "clamp.c"
#include "float_types.h"

void kiln_clamp(int32_t bf16, const void *x, void *y, int64_t n, float low, float high) {
  KILN_CALL_TYPED(bf16, clamp, x, y, n, low, high);
}

void kiln_clamp_grad(int32_t bf16, const void *x, const void *dy, void *dx, int64_t n, float low, float high) {
  KILN_CALL_TYPED(bf16, clamp_grad, x, dy, dx, n, low, high);
}

#else

static void TYPED(clamp)(const elem *x, elem *y, int64_t n, float low, float high) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) {
    float value = LOAD(x[i]);
    float raised = value < low ? low : value;
    y[i] = STORE(raised > high ? high : raised);
  }
}

static void TYPED(clamp_grad)(const elem *x, const elem *dy, elem *dx, int64_t n, float low, float high) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) dx[i] = (LOAD(x[i]) >= low) & (LOAD(x[i]) <= high) ? dy[i] : 0;
}

#endif
