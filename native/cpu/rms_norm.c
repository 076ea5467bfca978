/* Root-mean-square normalisation of rows [rows, c] and its gradient. Operations: RmsNorm, RmsNormGrad. */
#ifndef elem
#include "kernels.h"
#include "sums.h"

#define KILN_BODY "rms_norm.c"
#include "float_types.h"

void kiln_rms_norm(int32_t bf16, const void *x, const float *weight, void *y, float *rstd, int64_t rows, int64_t c,
                   float epsilon) {
  KILN_CALL_TYPED(bf16, rms_norm, x, weight, y, rstd, rows, c, epsilon);
}

void kiln_rms_norm_grad(int32_t bf16, const void *x, const float *weight, const float *rstd, const void *dy, void *dx,
                        float *dweight, float *partial, int64_t rows, int64_t c) {
  KILN_CALL_TYPED(bf16, rms_norm_grad, x, weight, rstd, dy, dx, dweight, partial, rows, c);
}

#else

static void TYPED(rms_norm)(const elem *x, const float *weight, elem *y, float *rstd, int64_t rows, int64_t c,
                            float epsilon) {
  double share = 1.0 / (double)c;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    const elem *in = x + r * c;
    elem *out = y + r * c;
    float scale = 1.0f / sqrtf((float)(TYPED(kiln_row_dot)(in, in, c) * share) + epsilon);
    rstd[r] = scale;
#pragma omp simd
    for (int64_t j = 0; j < c; j++) out[j] = STORE(LOAD(in[j]) * scale * weight[j]);
  }
}

/* partial [ceil(rows / KILN_RUN), c] is scratch: what every run of rows adds to dweight. */
static void TYPED(rms_norm_grad)(const elem *x, const float *weight, const float *rstd, const elem *dy, elem *dx,
                                 float *dweight, float *partial, int64_t rows, int64_t c) {
  int64_t runs = kiln_ceil_div(rows, KILN_RUN);
  float share = 1.0f / (float)c;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t run = 0; run < runs; run++) {
    float *run_dot = partial + run * c;
    for (int64_t j = 0; j < c; j++) run_dot[j] = 0;
    for (int64_t r = run * KILN_RUN; r < kiln_min((run + 1) * KILN_RUN, rows); r++) {
      const elem *in = x + r * c;
      const elem *d = dy + r * c;
      elem *out = dx + r * c;
      float scale = rstd[r];
      float dot = 0;
#pragma omp simd reduction(+ : dot)
      for (int64_t j = 0; j < c; j++) {
        float xhat = LOAD(in[j]) * scale;
        float slope = LOAD(d[j]);
        run_dot[j] += slope * xhat;
        dot += weight[j] * slope * xhat;
      }
      dot *= share;
#pragma omp simd
      for (int64_t j = 0; j < c; j++) out[j] = STORE(scale * (weight[j] * LOAD(d[j]) - LOAD(in[j]) * scale * dot));
    }
  }
#pragma omp parallel for schedule(static) if (runs * c > KILN_PARALLEL_MIN)
  for (int64_t j = 0; j < c; j++) {
    double dot = 0;
    for (int64_t run = 0; run < runs; run++) dot += partial[run * c + j];
    dweight[j] = (float)dot;
  }
}

#endif
