/* Elementary functions of float32 without branches or calls, so that loops over them vectorise. */
#ifndef KILN_VECTOR_MATH_H
#define KILN_VECTOR_MATH_H

#include "kiln.h"

KILN_INLINE float kiln_float_from_bits(uint32_t bits) {
  union {
    uint32_t bits;
    float value;
  } u = {bits};
  return u.value;
}

/* e^x within 2 ulp: 0 far below, infinity above, subnormal results and NaN as they should be. x = n ln 2 + r, |r| <= ln(2) / 2;
 * the polynomial in r and the splitting of ln 2 are those of Cephes' expf (Moshier). 2^n is applied in two factors, because it
 * can leave the range of float32 where e^x does not. */
KILN_INLINE float kiln_exp(float x) {
  x = x < -104.0f ? -104.0f : x;
  x = x > 89.0f ? 89.0f : x;
  const float round = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
  float n = (x * 1.44269504088896341f + round) - round;
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  float y = (p * (r * r) + r) + 1.0f;
  int32_t exponent = (int32_t)n;
  int32_t half = exponent >> 1;
  float low = kiln_float_from_bits((uint32_t)(half + 127) << 23);
  float high = kiln_float_from_bits((uint32_t)(exponent - half + 127) << 23);
  return y * low * high;
}

KILN_INLINE float kiln_sigmoid(float x) { return 1.0f / (1.0f + kiln_exp(-x)); }

/* Within 2 ulp: the polynomial of Cephes' tanhf near zero, 1 - 2 / (e^2|x| + 1) elsewhere. */
KILN_INLINE float kiln_tanh(float x) {
  float a = fabsf(x);
  float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  float near = p * z * x + x;
  float far = copysignf(1.0f - 2.0f / (kiln_exp(2.0f * a) + 1.0f), x);
  return a < 0.625f ? near : far;
}

/* Probability that a standard normal number is below x, and in *density the normal density at x; absolute error 1e-7, and
 * small relative error in the lower tail. erfc(u) = e^(-u^2) q(t) with t = 1 / (1 + 0.3 u), the form of Abramowitz and Stegun
 * 7.1.26; the coefficients are a minimax fit over u in [0, 10] with relative error 2e-8. One exponential serves both. */
KILN_INLINE float kiln_normal(float x, float *density) {
  float u = fabsf(x) * 0.70710678118654752f;
  float e = kiln_exp(-0.5f * x * x);
  float t = 1.0f / (1.0f + 0.3f * u);
  float q = -0.12952313f;
  q = q * t + 0.48556435f;
  q = q * t - 0.5122806f;
  q = q * t + 0.5477231f;
  q = q * t - 0.09465301f;
  q = q * t + 0.21492712f;
  q = q * t + 0.14833887f;
  q = q * t + 0.17071527f;
  q = q * t + 0.16918801f;
  float tail = 0.5f * e * (q * t);
  *density = 0.398942280401432678f * e;
  return x < 0.0f ? tail : 1.0f - tail;
}

KILN_INLINE float kiln_gelu(float x) {
  float density;
  return x * kiln_normal(x, &density);
}

KILN_INLINE float kiln_gelu_derivative(float x) {
  float density;
  float below = kiln_normal(x, &density);
  return below + x * density;
}

#endif
