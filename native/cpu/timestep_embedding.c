/* Sinusoidal embedding of timesteps [n] as [n, dim]. Operation: TimestepEmbedding.
 *
 * The angles are rounded to float32 where diffusers' get_timestep_embedding rounds them, because at timestep 1000 the last bit
 * of a frequency shows; the functions themselves are taken in float64. */
#include "kernels.h"

KILN_INLINE void embed(float t, float *y, int64_t dim, int32_t flip_sin_to_cos, float frequency_shift, float max_period) {
  int64_t half = dim / 2;
  float *sines = flip_sin_to_cos ? y + half : y;
  float *cosines = flip_sin_to_cos ? y : y + half;
  float log_period = (float)-log((double)max_period);
  for (int64_t i = 0; i < half; i++) {
    float exponent = log_period * (float)i / ((float)half - frequency_shift);
    float angle = t * (float)exp((double)exponent);
    sines[i] = (float)sin((double)angle);
    cosines[i] = (float)cos((double)angle);
  }
  if (dim % 2 == 1) y[dim - 1] = 0;
}

void kiln_timestep_embedding_f32(const float *t, float *y, int64_t n, int64_t dim, int32_t flip_sin_to_cos,
                                 float frequency_shift, float max_period) {
  for (int64_t i = 0; i < n; i++) embed(t[i], y + i * dim, dim, flip_sin_to_cos, frequency_shift, max_period);
}

void kiln_timestep_embedding_i32(const int32_t *t, float *y, int64_t n, int64_t dim, int32_t flip_sin_to_cos,
                                 float frequency_shift, float max_period) {
  for (int64_t i = 0; i < n; i++) embed((float)t[i], y + i * dim, dim, flip_sin_to_cos, frequency_shift, max_period);
}
