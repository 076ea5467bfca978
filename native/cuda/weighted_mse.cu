/* Squared error of samples [n, size], weighted by weight [n], and its gradient; float32. Operations: WeightedMse,
 * WeightedMseGrad. */
#include "kernels.h"

/* partial [n, ceil(size / chunk)]: sums of squared differences. An item is a chunk of a sample. */
KILN_BLOCKS kiln_weighted_mse(const float *prediction, const float *target, double *partial, int64_t n, int64_t size,
                              int64_t chunk) {
  __shared__ double of_warps[KILN_WARPS_PER_BLOCK];
  int64_t chunks = kiln_ceil_div(size, chunk);
  for (int64_t item = blockIdx.x; item < n * chunks; item += gridDim.x) {
    int64_t begin = item / chunks * size + item % chunks * chunk;
    int64_t end = kiln_min(begin + chunk, (item / chunks + 1) * size);
    float sum = 0;
    for (int64_t i = begin + threadIdx.x; i < end; i += KILN_THREADS) {
      float difference = prediction[i] - target[i];
      sum += difference * difference;
    }
    double total = kiln_block_sum((double)sum, of_warps);
    if (threadIdx.x == 0) partial[item] = total;
  }
}
KILN_REGISTER(kiln_weighted_mse);

/* errors [n], weighted, and loss, their mean. One item. */
KILN_BLOCKS kiln_weighted_mse_total(const double *partial, const float *weight, float *loss, float *errors, int64_t n,
                                    int64_t size, int64_t chunk) {
  __shared__ double of_warps[KILN_WARPS_PER_BLOCK];
  if (blockIdx.x > 0) return;
  int64_t chunks = kiln_ceil_div(size, chunk);
  double sum = 0;
  for (int64_t sample = threadIdx.x; sample < n; sample += KILN_THREADS) {
    double total = 0;
    for (int64_t k = 0; k < chunks; k++) total += partial[sample * chunks + k];
    float error = (float)((double)weight[sample] * total / (double)size);
    errors[sample] = error;
    sum += error;
  }
  sum = kiln_block_sum(sum, of_warps);
  if (threadIdx.x == 0) *loss = (float)(sum / (double)n);
}
KILN_REGISTER(kiln_weighted_mse_total);

/* Gradient of the prediction, which dx may be, as it may be the target; dy is one number. Items are elements. */
KILN_ELEMENTS kiln_weighted_mse_grad(const float *prediction, const float *target, const float *weight, const float *dy,
                                     float *dx, int64_t n, int64_t size) {
  double share = 2.0 * (double)*dy / ((double)n * (double)size);
  kiln_each<float>(n * size, kiln_aligned(prediction, target, dx) && size % 4 == 0, [=](auto lanes, int64_t i) {
    float scale = (float)(share * (double)weight[kiln_div(i, size)]);
    auto p = kiln_read<lanes.count>(prediction + i);
    auto t = kiln_read<lanes.count>(target + i);
    for (int k = 0; k < lanes.count; k++) p.at[k] = scale * (p.at[k] - t.at[k]);
    kiln_write(dx + i, p);
  });
}
KILN_REGISTER(kiln_weighted_mse_grad);
