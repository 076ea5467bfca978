/* Sinusoidal embedding of timesteps [n] as [n, dim], float32. Operation: TimestepEmbedding. The angles are rounded to float32
 * where native/cpu rounds them; the functions themselves are taken in float64. Items are elements of the result. */
#include "kernels.h"

KILN_INLINE float embed(float t, int64_t at, int64_t dim, bool flip, float frequency_shift, float max_period) {
  int64_t half = dim / 2;
  if (at >= 2 * half) return 0;
  int64_t i = at < half ? at : at - half;
  float log_period = (float)-log((double)max_period);
  float exponent = __fdiv_rn(__fmul_rn(log_period, (float)i), (float)half - frequency_shift);
  double angle = (double)__fmul_rn(t, (float)exp((double)exponent));
  return (float)((at < half) != flip ? sin(angle) : cos(angle));
}

KILN_ITEMS kiln_timestep_embedding_f32(const float *t, float *y, int64_t n, int64_t dim, int32_t flip_sin_to_cos,
                                       float frequency_shift, float max_period) {
  for (int64_t i = kiln_thread(); i < n * dim; i += kiln_threads()) {
    y[i] = embed(t[i / dim], i % dim, dim, flip_sin_to_cos, frequency_shift, max_period);
  }
}
KILN_REGISTER(kiln_timestep_embedding_f32);

KILN_ITEMS kiln_timestep_embedding_i32(const int32_t *t, float *y, int64_t n, int64_t dim, int32_t flip_sin_to_cos,
                                       float frequency_shift, float max_period) {
  for (int64_t i = kiln_thread(); i < n * dim; i += kiln_threads()) {
    y[i] = embed((float)t[i / dim], i % dim, dim, flip_sin_to_cos, frequency_shift, max_period);
  }
}
KILN_REGISTER(kiln_timestep_embedding_i32);
