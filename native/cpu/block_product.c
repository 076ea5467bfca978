/* Products of small blocks, for attention. A tile of c stays in registers while the depth is walked: each step loads a row of
 * b once and spreads one element of a over a register for each row of the tile. */
#include "block_product.h"

#include "vectors.h"

#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

/* Widest tile in vectors, and the most rows of a tile of any width: what 32 registers of 64 bytes, or 16 of 32, hold. */
#ifdef __AVX512F__
#define MAX_VECTORS 4
#else
#define MAX_VECTORS 2
#endif
#define MAX_ROWS 16

/* An element of a: a float32, or a pair that was stored as a word. */
typedef float element __attribute__((may_alias));

KILN_INLINE kiln_floats multiply_add(int pairs, kiln_floats sum, float a, kiln_floats b) {
  if (!pairs) return sum + a * b;
#ifdef __AVX512BF16__
  return (kiln_floats)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_ps(a), (__m512bh)b);
#else
  kiln_words both = (kiln_words)kiln_all(a);
  kiln_words high = {0};
  high = ~high << 16;
  sum += (kiln_floats)(both << 16) * (kiln_floats)((kiln_words)b << 16);
  return sum + (kiln_floats)(both & high) * (kiln_floats)((kiln_words)b & high);
#endif
}

/* rows and vectors are constants wherever this is inlined. */
KILN_INLINE void tile(int pairs, int rows, int vectors, const kiln_product *p, int64_t row, int64_t column) {
  kiln_floats sums[MAX_ROWS][MAX_VECTORS];
  float *c = p->c + row * p->c_step + column;
#pragma GCC unroll 16
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
      if (p->accumulation == kiln_overwrite) {
        sums[r][v] = (kiln_floats){0};
      } else {
        sums[r][v] = kiln_load(c + r * p->c_step + v * KILN_LANES);
        if (p->accumulation == kiln_rescale) sums[r][v] *= p->factors[row + r];
      }
    }
  }
  const element *a = p->a + row * p->row_step;
  const float *b = p->b + column;
  int64_t row_step = p->row_step, depth_step = p->depth_step, b_step = p->b_step;
  for (int64_t k = p->depth; k > 0; k--) {
    kiln_floats from_b[MAX_VECTORS];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) from_b[v] = kiln_load(b + v * KILN_LANES);
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) sums[r][v] = multiply_add(pairs, sums[r][v], a[r * row_step], from_b[v]);
    }
    a += depth_step;
    b += b_step;
  }
  float scale = p->accumulation == kiln_overwrite ? p->scale : 1.0f;
#pragma GCC unroll 16
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) kiln_store(c + r * p->c_step + v * KILN_LANES, scale * sums[r][v]);
  }
}

/* All rows of as many columns as `vectors` hold, in tiles of `most` rows and, at the end, smaller ones. */
KILN_INLINE void panel(int pairs, int most, int vectors, const kiln_product *p, int64_t column) {
  int64_t row = 0;
  for (; row + most <= p->rows; row += most) tile(pairs, most, vectors, p, row, column);
  for (; row + 4 <= p->rows; row += 4) tile(pairs, 4, vectors, p, row, column);
  for (; row + 2 <= p->rows; row += 2) tile(pairs, 2, vectors, p, row, column);
  for (; row < p->rows; row++) tile(pairs, 1, vectors, p, row, column);
}

KILN_INLINE void block_product(int pairs, const kiln_product *p) {
  int64_t columns = kiln_ceil_div(p->columns, KILN_ROW) * KILN_ROW;
  int64_t column = 0;
#if MAX_VECTORS == 4
  for (; column + 4 * KILN_LANES <= columns; column += 4 * KILN_LANES) panel(pairs, 6, 4, p, column);
  switch ((columns - column) / KILN_LANES) {
    case 3: panel(pairs, 8, 3, p, column); break;
    case 2: panel(pairs, 12, 2, p, column); break;
    case 1: panel(pairs, 16, 1, p, column); break;
    default: break;
  }
#else
  for (; column < columns; column += 2 * KILN_LANES) panel(pairs, 6, 2, p, column);
#endif
}

static void product_of_floats(const kiln_product *p) { block_product(0, p); }

static void product_of_pairs(const kiln_product *p) { block_product(1, p); }

void kiln_block_product(const kiln_product *product, int pairs) {
  if (pairs) {
    product_of_pairs(product);
  } else {
    product_of_floats(product);
  }
}
