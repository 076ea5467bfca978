/* average -= rate * (average - value): an exponential moving average with decay 1 - rate. Items are elements. */
#include "kernels.h"

KILN_ELEMENTS kiln_ema_f32(float *average, const float *value, int64_t n, float rate) {
  kiln_each<float>(n, kiln_aligned(average, value), [=](auto lanes, int64_t i) {
    auto a = kiln_read<lanes.count>(average + i);
    auto v = kiln_read<lanes.count>(value + i);
    for (int k = 0; k < lanes.count; k++) a.at[k] -= rate * (a.at[k] - v.at[k]);
    kiln_write(average + i, a);
  });
}
KILN_REGISTER(kiln_ema_f32);
