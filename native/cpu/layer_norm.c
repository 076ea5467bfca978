/* Layer normalisation of rows [rows, c] and its gradient. Operations: LayerNorm, LayerNormGrad. */
#include "kernels.h"
#include "sums.h"

/* Rows that go through each step together, so that the processor need not wait for the steps of one row. */
#define TOGETHER 16

void kiln_layer_norm(const float *x, const float *weight, const float *bias, float *y, float *mean, float *rstd, int64_t rows,
                     int64_t c, float epsilon) {
  double share = 1.0 / (double)c;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t first = 0; first < rows; first += TOGETHER) {
    int64_t end = kiln_min(first + TOGETHER, rows);
    for (int64_t r = first; r < end; r++) mean[r] = (float)(kiln_row_sum(x + r * c, c) * share);
    for (int64_t r = first; r < end; r++) rstd[r] = (float)(kiln_row_square_deviation(x + r * c, mean[r], c) * share);
#pragma omp simd
    for (int64_t r = first; r < end; r++) rstd[r] = 1.0f / sqrtf(rstd[r] + epsilon);
    for (int64_t r = first; r < end; r++) {
      float center = mean[r];
      float scale = rstd[r];
#pragma omp simd
      for (int64_t j = 0; j < c; j++) y[r * c + j] = (x[r * c + j] - center) * scale * weight[j] + bias[j];
    }
  }
}

/* partial [ceil(rows / KILN_RUN), 2, c] is scratch: what every run of rows adds to dbias and dweight. */
void kiln_layer_norm_grad(const float *x, const float *weight, const float *mean, const float *rstd, const float *dy, float *dx,
                          float *dweight, float *dbias, float *partial, int64_t rows, int64_t c) {
  int64_t runs = kiln_ceil_div(rows, KILN_RUN);
  float share = 1.0f / (float)c;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t run = 0; run < runs; run++) {
    float *run_sum = partial + run * 2 * c;
    float *run_dot = run_sum + c;
    for (int64_t j = 0; j < 2 * c; j++) run_sum[j] = 0;
    for (int64_t r = run * KILN_RUN; r < kiln_min((run + 1) * KILN_RUN, rows); r++) {
      const float *in = x + r * c;
      const float *d = dy + r * c;
      float *out = dx + r * c;
      float center = mean[r];
      float scale = rstd[r];
      float sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
      for (int64_t j = 0; j < c; j++) {
        float xhat = (in[j] - center) * scale;
        run_sum[j] += d[j];
        run_dot[j] += d[j] * xhat;
        sum += weight[j] * d[j];
        dot += weight[j] * d[j] * xhat;
      }
      sum *= share;
      dot *= share;
#pragma omp simd
      for (int64_t j = 0; j < c; j++) {
        out[j] = scale * (weight[j] * d[j] - sum - (in[j] - center) * scale * dot);
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
