/* Element types of weight files to float32 and back: float16 (IEEE binary16), bfloat16 (the upper half of a float32) and
 * float64. Narrowing rounds to nearest, ties to even, in integer arithmetic that every compiler vectorises, and returns the
 * index of the first finite number that would become infinite, or -1. NaN stays NaN, infinity infinity.
 *
 * One thread: callers cast pieces that fit into a cache, which takes less time than reading them did, or than waking others. */
#include "bf16.h"
#include "kernels.h"

#define INFINITY_BITS 0x7f800000u

/* Magnitude of a float16 as bits of a float32. Its exponent has bias 15 instead of 127; below 2^-14 it counts 2^-24. */
KILN_INLINE uint32_t widen_f16(uint32_t h) {
  uint32_t normal = (h << 13) + ((127 - 15) << 23);
  uint32_t special = (h << 13) + ((255 - 31) << 23);
  uint32_t subnormal = kiln_to_bits((float)(int32_t)h * 0x1p-24f);
  return h < 0x400 ? subnormal : h < 0x7c00 ? normal : special;
}

/* Magnitude of a float32, as bits, as float16. Adding 0.5, whose last bit counts 2^-24, rounds what becomes subnormal. */
KILN_INLINE uint32_t narrow_f16(uint32_t u) {
  uint32_t normal = (u - ((127 - 15) << 23) + 0xfff + ((u >> 13) & 1)) >> 13;
  uint32_t subnormal = kiln_to_bits(kiln_from_bits(u) + 0.5f) - 0x3f000000u;
  uint32_t nan = 0x7e00 | ((u >> 13) & 0x3ff);
  return u < 0x38800000u ? subnormal : u < 0x477ff000u ? normal : u <= INFINITY_BITS ? 0x7c00 : nan;
}

/* The float32 beside x whose last bit is 1 if x lies between two: rounding that once more, to a type with at least two bits
 * less, gives what rounding x at once gives. */
KILN_INLINE float round_to_odd(double x, float nearest) {
  uint32_t u = kiln_to_bits(nearest);
  uint32_t odd = fabs(x) > fabs((double)nearest) ? u + 1 : u - 1;
  int exact = (double)nearest == x || isnan(x) || isinf(nearest) || (u & 1);
  return kiln_from_bits(exact ? u : odd);
}

void kiln_cast_f16_f32(const uint16_t *x, float *y, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; i++) {
    uint32_t h = x[i];
    y[i] = kiln_from_bits(widen_f16(h & 0x7fff) | (h & 0x8000) << 16);
  }
}

void kiln_cast_bf16_f32(const uint16_t *x, float *y, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; i++) y[i] = kiln_bf16_load(x[i]);
}

/* to_odd: for a result that is narrowed further. */
int64_t kiln_cast_f64_f32(const double *x, float *y, int64_t n, int32_t to_odd) {
  uint32_t overflow = 0;
#pragma omp simd reduction(| : overflow)
  for (int64_t i = 0; i < n; i++) {
    float nearest = (float)x[i];
    y[i] = to_odd ? round_to_odd(x[i], nearest) : nearest;
    overflow |= isinf(nearest) && !isinf(x[i]);
  }
  for (int64_t i = 0; overflow && i < n; i++) {
    if (isinf(y[i]) && !isinf(x[i])) return i;
  }
  return -1;
}

int64_t kiln_cast_f32_f16(const float *x, uint16_t *y, int64_t n) {
  uint32_t overflow = 0;
#pragma omp simd reduction(| : overflow)
  for (int64_t i = 0; i < n; i++) {
    uint32_t u = kiln_to_bits(x[i]);
    uint32_t magnitude = u & 0x7fffffff;
    uint32_t h = narrow_f16(magnitude);
    y[i] = (uint16_t)(h | (u >> 16 & 0x8000));
    overflow |= h == 0x7c00 && magnitude < INFINITY_BITS;
  }
  for (int64_t i = 0; overflow && i < n; i++) {
    if ((y[i] & 0x7fff) == 0x7c00 && !isinf(x[i])) return i;
  }
  return -1;
}

int64_t kiln_cast_f32_bf16(const float *x, uint16_t *y, int64_t n) {
  uint32_t overflow = 0;
#pragma omp simd reduction(| : overflow)
  for (int64_t i = 0; i < n; i++) {
    uint32_t h = kiln_bf16_store(x[i]);
    y[i] = (uint16_t)h;
    overflow |= (h & 0x7fff) == INFINITY_BITS >> 16 && (kiln_to_bits(x[i]) & 0x7fffffff) < INFINITY_BITS;
  }
  for (int64_t i = 0; overflow && i < n; i++) {
    if ((y[i] & 0x7fff) == INFINITY_BITS >> 16 && !isinf(x[i])) return i;
  }
  return -1;
}
