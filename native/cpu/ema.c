/* average -= rate * (average - value): an exponential moving average with decay 1 - rate. */
#include "kernels.h"

void kiln_ema_f32(float *average, const float *value, int64_t n, float rate) {
#pragma omp parallel for simd schedule(static)
  for (int64_t i = 0; i < n; i++) average[i] -= rate * (average[i] - value[i]);
}
