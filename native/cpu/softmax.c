/* Softmax of rows [rows, c] or its logarithm, and the gradients. Operations: Softmax, SoftmaxGrad. */
#include "softmax.h"

#include "kernels.h"
#include "sums.h"

void kiln_softmax(const float *x, float *y, int64_t rows, int64_t c, int32_t log) {
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    const float *in = x + r * c;
    float *out = y + r * c;
    float largest = kiln_row_max(in, c);
    if (log) {
      float shift = logf(kiln_row_exp_sum(in, largest, c));
#pragma omp simd
      for (int64_t j = 0; j < c; j++) out[j] = (in[j] - largest) - shift;
    } else {
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int64_t j = 0; j < c; j++) {
        float e = kiln_exp(in[j] - largest);
        out[j] = e;
        sum += e;
      }
      float scale = 1.0f / sum;
#pragma omp simd
      for (int64_t j = 0; j < c; j++) out[j] *= scale;
    }
  }
}

void kiln_softmax_grad(const float *y, const float *dy, float *dx, int64_t rows, int64_t c, int32_t log) {
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    const float *p = y + r * c;
    const float *d = dy + r * c;
    float *out = dx + r * c;
    if (log) {
      float sum = (float)kiln_row_sum_f32(d, c);
#pragma omp simd
      for (int64_t j = 0; j < c; j++) out[j] = d[j] - kiln_exp(p[j]) * sum;
    } else {
      float dot = (float)kiln_row_dot_f32(p, d, c);
#pragma omp simd
      for (int64_t j = 0; j < c; j++) out[j] = p[j] * (d[j] - dot);
    }
  }
}
