/* AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW computes it, in one pass over a flat shard, as native/cpu/adamw.c: the
 * gradient's scale, weight decay, both moments, the step; and, while the new weight is at hand, an exponential moving average
 * and a bfloat16 copy. */
#include "kernels.h"

/* What changes from step to step lies in device memory, so that a captured graph can be replayed, in the order of
 * kiln_adamw_f32 of native/cpu: gradient_scale, beta1, beta2, epsilon, decay, step_size, root_correction, average_rate. average
 * and copy may be NULL. Items are elements. */
KILN_ELEMENTS kiln_adamw_f32(float *weight, const float *gradient, float *first, float *second, float *average, uint16_t *copy,
                             int64_t n, const float *settings) {
  float gradient_scale = settings[0], beta1 = settings[1], beta2 = settings[2], epsilon = settings[3];
  float decay = settings[4], step_size = settings[5], root_correction = settings[6], average_rate = settings[7];
  bool packed = kiln_aligned(weight, gradient, first, second, average) && (uintptr_t)copy % 8 == 0;
  kiln_each<float>(n, packed, [=](auto lanes, int64_t i) {
    auto g = kiln_read<lanes.count>(gradient + i);
    auto m = kiln_read<lanes.count>(first + i);
    auto v = kiln_read<lanes.count>(second + i);
    auto w = kiln_read<lanes.count>(weight + i);
    for (int k = 0; k < lanes.count; k++) {
      float slope = g.at[k] * gradient_scale;
      m.at[k] += (slope - m.at[k]) * (1 - beta1);
      v.at[k] = v.at[k] * beta2 + slope * slope * (1 - beta2);
      w.at[k] = w.at[k] * decay - step_size * m.at[k] / (sqrtf(v.at[k]) / root_correction + epsilon);
    }
    kiln_write(first + i, m);
    kiln_write(second + i, v);
    kiln_write(weight + i, w);
    if (average) {
      auto a = kiln_read<lanes.count>(average + i);
      for (int k = 0; k < lanes.count; k++) a.at[k] -= average_rate * (a.at[k] - w.at[k]);
      kiln_write(average + i, a);
    }
    if (copy) {
      if constexpr (lanes.count == 4) {
        uint2 halves = make_uint2(kiln_bf16_bits(w.at[0]) | kiln_bf16_bits(w.at[1]) << 16,
                                  kiln_bf16_bits(w.at[2]) | kiln_bf16_bits(w.at[3]) << 16);
        *(uint2 *)(copy + i) = halves;
      } else {
        kiln_store(copy + i, w.at[0]);
      }
    }
  });
}
KILN_REGISTER(kiln_adamw_f32);

/* settings[0] = scale * min(1, maximum / (norm + 1e-6)), where norm is scale times the root of *sum_of_squares: what the mean
 * gradient is multiplied by so that its norm is at most maximum, if scale makes the mean of what was summed. A maximum of 0 or
 * less does not clip. *norm gets the norm. One item. */
KILN_ITEMS kiln_clip_scale(const double *sum_of_squares, float *settings, double *norm, double scale, double maximum) {
  if (kiln_thread() > 0) return;
  double found = scale * sqrt(*sum_of_squares);
  double ratio = maximum / (found + 1e-6);
  double clip = ratio >= 1 ? 1 : ratio; /* NaN stays NaN */
  settings[0] = (float)(maximum > 0 ? scale * clip : scale);
  *norm = found;
}
KILN_REGISTER(kiln_clip_scale);
