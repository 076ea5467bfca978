/* Elementary functions of float32 without branches or calls, so that loops over them vectorise. */
#ifndef KILN_VECTOR_MATH_H
#define KILN_VECTOR_MATH_H

#include "kiln.h"

/* e^x within 2 ulp where it is a normal number; below that 0, above 2.4e38 infinity, NaN of NaN. x = n ln 2 + r, |r| at most
 * ln(2) / 2; the polynomial in r and the splitting of ln 2 are those of Cephes' expf (Moshier). Adding 1.5 * 2^23 rounds to an
 * integer, which then lies in the lowest bits; with the 127 added as well, these are the exponent of 2^n. */
KILN_INLINE float kiln_exp(float x) {
  const float round = 12582912.0f + 127.0f;
  float shifted = x * 1.44269504088896341f + round;
  float n = shifted - round;
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  float y = ((p * (r * r) + r) + 1.0f) * kiln_from_bits(kiln_to_bits(shifted) << 23);
  y = x < -87.33f ? 0.0f : y;
  return x > 88.37f ? INFINITY : y;
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

/* Probability that a standard normal number is below x, with absolute error 2e-7, and in *density the normal density at x.
 * erfc(u) = e^(-u^2) q(t) with t = 1 / (1 + 0.4 u), the form of Abramowitz and Stegun 7.1.26; the coefficients are a minimax
 * fit with absolute error 3e-8. One exponential serves both results. */
KILN_INLINE float kiln_normal(float x, float *density) {
  float e = kiln_exp(-0.5f * x * x);
  float t = 1.0f / (1.0f + 0.28284271247461901f * fabsf(x)); /* u = |x| / sqrt(2) */
  float q = -0.20025913f;
  q = q * t + 0.709147f;
  q = q * t - 0.37090752f;
  q = q * t + 0.46827394f;
  q = q * t + 0.16182362f;
  q = q * t + 0.23192209f;
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
