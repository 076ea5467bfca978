/* Vectors as GCC and Clang give them to C: arithmetic on whole registers without naming an instruction set. Where a register
 * is shorter than the vector, the compiler takes several. */
#ifndef KILN_VECTORS_H
#define KILN_VECTORS_H

#include "bf16.h"

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#ifdef __AVX512F__
#define KILN_LANES 16
#elif defined(__AVX__)
#define KILN_LANES 8
#else
#define KILN_LANES 4
#endif

typedef float kiln_floats __attribute__((vector_size(KILN_LANES * 4)));
typedef int32_t kiln_ints __attribute__((vector_size(KILN_LANES * 4)));
typedef uint32_t kiln_words __attribute__((vector_size(KILN_LANES * 4)));

/* The same without alignment, and allowed to lie over any other type: for loads and stores only. */
typedef float kiln_floats_at __attribute__((vector_size(KILN_LANES * 4), aligned(1), may_alias));
typedef uint32_t kiln_words_at __attribute__((vector_size(KILN_LANES * 4), aligned(1), may_alias));

KILN_INLINE kiln_floats kiln_load(const float *x) { return *(const kiln_floats_at *)x; }
KILN_INLINE void kiln_store(float *x, kiln_floats v) { *(kiln_floats_at *)x = v; }
KILN_INLINE kiln_floats kiln_all(float x) { return x - (kiln_floats){0}; }

/* The larger of each pair; b where one of them is NaN. */
KILN_INLINE kiln_floats kiln_larger(kiln_floats a, kiln_floats b) {
#ifdef __AVX512F__
  return (kiln_floats)_mm512_max_ps((__m512)a, (__m512)b);
#else
  kiln_ints above = a > b;
  return (kiln_floats)((above & (kiln_ints)a) | (~above & (kiln_ints)b));
#endif
}

/* 2^x for x up to 1, within 2 ulp; as good as 0 below 2^-126, NaN of NaN, 1 of 0. The polynomial is a minimax fit on [-1/2,
 * 1/2], where r is what x differs from an integer by; without an instruction for that, adding 1.5 * 2^23 rounds to an integer,
 * which then lies in the lowest bits. */
KILN_INLINE kiln_floats kiln_exp2(kiln_floats x) {
#ifdef __AVX512DQ__
  kiln_floats r = (kiln_floats)_mm512_reduce_ps((__m512)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  const float round = 12582912.0f;
  kiln_floats shifted = x + round;
  kiln_floats r = x - (shifted - round);
#endif
  kiln_floats p = 1.326472731307149e-3f * r + 9.671512991189957e-3f;
  p = p * r + 5.550733581185341e-2f;
  p = p * r + 2.4022242426872253e-1f;
  p = p * r + 6.931470036506653e-1f;
  p = p * r + 1.0f;
#ifdef __AVX512DQ__
  return (kiln_floats)_mm512_scalef_ps((__m512)p, (__m512)(x - r));
#else
  kiln_ints y = (kiln_ints)p + ((kiln_ints)shifted << 23);
  return (kiln_floats)(y & ~(x < -126.0f));
#endif
}

/* Pairs of bfloat16, the lower half of every word from `low`. */
KILN_INLINE kiln_words kiln_pair_bf16(kiln_floats low, kiln_floats high) {
  kiln_words pairs;
#ifdef __AVX512BF16__
  const __m512i in_turn = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20,
                                           4, 19, 3, 18, 2, 17, 1, 16, 0);
  __m512i halves = (__m512i)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
  pairs = (kiln_words)_mm512_permutexvar_epi16(in_turn, halves);
#else
  for (int i = 0; i < KILN_LANES; i++) pairs[i] = kiln_bf16_store(low[i]) | (uint32_t)kiln_bf16_store(high[i]) << 16;
#endif
  return pairs;
}

/* Stores KILN_LANES bfloat16. */
KILN_INLINE void kiln_store_bf16(uint16_t *y, kiln_floats x) {
#ifdef __AVX512BF16__
  _mm256_storeu_si256((__m256i *)y, (__m256i)_mm512_cvtneps_pbh((__m512)x));
#else
  for (int i = 0; i < KILN_LANES; i++) y[i] = kiln_bf16_store(x[i]);
#endif
}

#endif
