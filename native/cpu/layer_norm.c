/* Layer normalisation of rows [rows, c] and its gradient. Operations: LayerNorm, LayerNormGrad. */
#ifndef elem
#include "kernels.h"
#include "sums.h"

/* Rows that go through each step together, so that the processor need not wait for the steps of one row. */
#define TOGETHER 16

#define KILN_BODY "layer_norm.c"
#include "float_types.h"

void kiln_layer_norm(int32_t bf16, const void *x, const float *weight, const float *bias, void *y, float *mean, float *rstd,
                     int64_t rows, int64_t c, float epsilon) {
  KILN_CALL_TYPED(bf16, layer_norm, x, weight, bias, y, mean, rstd, rows, c, epsilon);
}

void kiln_layer_norm_grad(int32_t bf16, const void *x, const float *weight, const float *mean, const float *rstd,
                          const void *dy, void *dx, float *dweight, float *dbias, float *partial, int64_t rows, int64_t c) {
  KILN_CALL_TYPED(bf16, layer_norm_grad, x, weight, mean, rstd, dy, dx, dweight, dbias, partial, rows, c);
}

#else

static void TYPED(layer_norm)(const elem *x, const float *weight, const float *bias, elem *y, float *mean, float *rstd,
                              int64_t rows, int64_t c, float epsilon) {
  double share = 1.0 / (double)c;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t first = 0; first < rows; first += TOGETHER) {
    int64_t end = kiln_min(first + TOGETHER, rows);
    for (int64_t r = first; r < end; r++) mean[r] = (float)(TYPED(kiln_row_sum)(x + r * c, c) * share);
    for (int64_t r = first; r < end; r++) {
      rstd[r] = (float)(TYPED(kiln_row_square_deviation)(x + r * c, mean[r], c) * share);
    }
#pragma omp simd
    for (int64_t r = first; r < end; r++) rstd[r] = 1.0f / sqrtf(rstd[r] + epsilon);
    for (int64_t r = first; r < end; r++) {
      float center = mean[r];
      float scale = rstd[r];
#pragma omp simd
      for (int64_t j = 0; j < c; j++) {
        y[r * c + j] = STORE((LOAD(x[r * c + j]) - center) * scale * weight[j] + bias[j]);
      }
    }
  }
}

/* partial [ceil(rows / KILN_RUN), 2, c] is scratch: what every run of rows adds to dbias and dweight. */
static void TYPED(layer_norm_grad)(const elem *x, const float *weight, const float *mean, const float *rstd, const elem *dy,
                                   elem *dx, float *dweight, float *dbias, float *partial, int64_t rows, int64_t c) {
  int64_t runs = kiln_ceil_div(rows, KILN_RUN);
  float share = 1.0f / (float)c;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t run = 0; run < runs; run++) {
    float *run_sum = partial + run * 2 * c;
    float *run_dot = run_sum + c;
    for (int64_t j = 0; j < 2 * c; j++) run_sum[j] = 0;
    for (int64_t r = run * KILN_RUN; r < kiln_min((run + 1) * KILN_RUN, rows); r++) {
      const elem *in = x + r * c;
      const elem *d = dy + r * c;
      elem *out = dx + r * c;
      float center = mean[r];
      float scale = rstd[r];
      float sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
      for (int64_t j = 0; j < c; j++) {
        float xhat = (LOAD(in[j]) - center) * scale;
        float slope = LOAD(d[j]);
        run_sum[j] += slope;
        run_dot[j] += slope * xhat;
        sum += weight[j] * slope;
        dot += weight[j] * slope * xhat;
      }
      sum *= share;
      dot *= share;
#pragma omp simd
      for (int64_t j = 0; j < c; j++) {
        out[j] = STORE(scale * (weight[j] * LOAD(d[j]) - sum - (LOAD(in[j]) - center) * scale * dot));
      }
    }
  }
#pragma omp parallel for schedule(static) if (runs * c > KILN_PARALLEL_MIN)
  for (int64_t j = 0; j < c; j++) {
    double sum = 0, dot = 0;
    for (int64_t run = 0; run < runs; run++) {
      sum += partial[run * 2 * c + j];
      dot += partial[run * 2 * c + c + j];
    }
    dbias[j] = (float)sum;
    dweight[j] = (float)dot;
  }
}

#endif
