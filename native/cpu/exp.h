/* exp in float32 that the compiler can vectorise: about 1e-7 relative error, 0 below -87.3, as Cephes' expf. */
#ifndef KILN_EXP_H
#define KILN_EXP_H

#include "kiln.h"

static inline float kiln_exp(float x) {
  float in = x < -87.3f ? -87.3f : x;
  in = in > 88.3f ? 88.3f : in;
  float n = rintf(in * 1.44269504088896341f);
  float r = in - n * 0.693359375f + n * 2.12194440e-4f; /* ln 2 in two parts */
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union {
    int32_t bits;
    float value;
  } power = {((int32_t)n + 127) << 23};
  return x < -87.3f ? 0.0f : p * power.value;
}

#endif
