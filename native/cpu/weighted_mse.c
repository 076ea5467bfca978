/* Squared error of samples [n, size], weighted by weight [n], and its gradient. Operations: WeightedMse, WeightedMseGrad. */
#include "kernels.h"
#include "sums.h"

void kiln_weighted_mse(const float *prediction, const float *target, const float *weight, float *loss, float *errors, int64_t n,
                       int64_t size) {
#pragma omp parallel for schedule(static) if (n * size > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    const float *p = prediction + sample * size;
    const float *t = target + sample * size;
    double total = 0;
    for (int64_t first = 0; first < size; first += 16 * KILN_RUN) {
      int64_t end = kiln_min(first + 16 * KILN_RUN, size);
      float part = 0;
#pragma omp simd reduction(+ : part)
      for (int64_t i = first; i < end; i++) part += (p[i] - t[i]) * (p[i] - t[i]);
      total += part;
    }
    errors[sample] = (float)((double)weight[sample] * total / (double)size);
  }
  *loss = (float)(kiln_row_sum_f32(errors, n) / (double)n);
}

/* Gradient of the prediction; dy is one number. */
void kiln_weighted_mse_grad(const float *prediction, const float *target, const float *weight, const float *dy, float *dx,
                            int64_t n, int64_t size) {
#pragma omp parallel for schedule(static) if (n * size > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    float scale = (float)(2.0 * (double)weight[sample] * (double)*dy / ((double)n * (double)size));
#pragma omp simd
    for (int64_t i = sample * size; i < (sample + 1) * size; i++) dx[i] = scale * (prediction[i] - target[i]);
  }
}
