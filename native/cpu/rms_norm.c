/* Root-mean-square normalisation of rows [rows, c] and its gradient. Operations: RmsNorm, RmsNormGrad. */
#include "kernels.h"
#include "sums.h"

void kiln_rms_norm(const float *x, const float *weight, float *y, float *rstd, int64_t rows, int64_t c, float epsilon) {
  double share = 1.0 / (double)c;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    const float *in = x + r * c;
    float *out = y + r * c;
    float scale = 1.0f / sqrtf((float)(kiln_row_dot(in, in, c) * share) + epsilon);
    rstd[r] = scale;
#pragma omp simd
    for (int64_t j = 0; j < c; j++) out[j] = in[j] * scale * weight[j];
  }
}

/* partial [ceil(rows / KILN_RUN), c] is scratch: what every run of rows adds to dweight. */
void kiln_rms_norm_grad(const float *x, const float *weight, const float *rstd, const float *dy, float *dx, float *dweight,
                        float *partial, int64_t rows, int64_t c) {
  int64_t runs = kiln_ceil_div(rows, KILN_RUN);
  float share = 1.0f / (float)c;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t run = 0; run < runs; run++) {
    float *run_dot = partial + run * c;
    for (int64_t j = 0; j < c; j++) run_dot[j] = 0;
    for (int64_t r = run * KILN_RUN; r < kiln_min((run + 1) * KILN_RUN, rows); r++) {
      const float *in = x + r * c;
      const float *d = dy + r * c;
      float *out = dx + r * c;
      float scale = rstd[r];
      float dot = 0;
#pragma omp simd reduction(+ : dot)
      for (int64_t j = 0; j < c; j++) {
        float xhat = in[j] * scale;
        run_dot[j] += d[j] * xhat;
        dot += weight[j] * d[j] * xhat;
      }
      dot *= share;
#pragma omp simd
      for (int64_t j = 0; j < c; j++) out[j] = scale * (weight[j] * d[j] - in[j] * scale * dot);
    }
  }
#pragma omp parallel for schedule(static) if (runs * c > KILN_PARALLEL_MIN)
  for (int64_t j = 0; j < c; j++) {
    double dot = 0;
    for (int64_t run = 0; run < runs; run++) dot += partial[run * c + j];
    dweight[j] = (float)dot;
  }
}
