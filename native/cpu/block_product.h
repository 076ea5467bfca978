/* Products of small blocks that lie in the cache, out of registers. */
#ifndef KILN_BLOCK_PRODUCT_H
#define KILN_BLOCK_PRODUCT_H

#include "kiln.h"

/* Blocks in scratch memory have rows of a multiple of this, whatever the length of a vector. */
#define KILN_ROW 16

KILN_INLINE int64_t kiln_row_up(int64_t n) { return kiln_ceil_div(n, KILN_ROW) * KILN_ROW; }

/* What becomes of the block c that the product is written to. */
enum kiln_accumulation {
  kiln_overwrite, /* c = scale * a * b */
  kiln_add,       /* c = c + a * b */
  kiln_rescale    /* c = factors[row] * c + a * b */
};

/*
 * c [rows, columns] from a [rows, depth] and b [depth, columns], float32. The element of a in row r at depth k is
 * a[r * row_step + k * depth_step]; rows of b and c have b_step and c_step elements and start at multiples of KILN_ROW
 * elements from 64 bytes of alignment, and columns is rounded up to a multiple of KILN_ROW.
 *
 * With pairs, every element of a and b is a pair of bfloat16, first the one of the lower depth; depth counts pairs, and the
 * products of both are added in float32.
 */
typedef struct {
  int64_t rows, columns, depth;
  const float *a;
  int64_t row_step, depth_step;
  const float *b;
  int64_t b_step;
  float *c;
  int64_t c_step;
  enum kiln_accumulation accumulation;
  float scale;
  const float *factors;
} kiln_product;

void kiln_block_product(const kiln_product *product, int pairs) __attribute__((visibility("hidden")));

#endif
