/* Functions of one number, float32, with the limits that native/cpu/vector_math.h has. */
#ifndef KILN_CUDA_FUNCTIONS_H
#define KILN_CUDA_FUNCTIONS_H

#include "kiln.h"

KILN_INLINE float kiln_sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

/* Probability that a standard normal number is below x, and in *density the normal density at x. */
KILN_INLINE float kiln_normal(float x, float *density) {
  *density = 0.398942280401432678f * expf(-0.5f * x * x);
  return normcdff(x);
}

KILN_INLINE float kiln_gelu(float x) { return x * normcdff(x); }

KILN_INLINE float kiln_gelu_derivative(float x) {
  float density;
  float below = kiln_normal(x, &density);
  return below + x * density;
}

KILN_INLINE float kiln_silu_derivative(float x) {
  float s = kiln_sigmoid(x);
  return s * (1.0f + x * (1.0f - s));
}

#endif
