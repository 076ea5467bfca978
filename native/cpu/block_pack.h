/* Blocks of tensors brought into the order in which products read them, and results brought back. */
#ifndef KILN_BLOCK_PACK_H
#define KILN_BLOCK_PACK_H

#include "block_product.h"

#pragma GCC visibility push(hidden)

/*
 * What is read: rows of width elements, float32 or bfloat16, with step elements from one row to the next. In scratch memory an
 * element is a float32 or, if bf16, a pair of bfloat16; steps of destinations count these. An odd width or number of rows is
 * completed with zero.
 */
typedef struct {
  const void *data;
  int64_t step, rows, width;
  int bf16;
} kiln_rows;

/* Elements of scratch that n elements take along the axis of the pairs. */
KILN_INLINE int64_t kiln_packed(int bf16, int64_t n) { return bf16 ? (n + 1) / 2 : n; }

/* y [rows, width], pairs along the width. */
void kiln_pack_rows(const kiln_rows *x, float *y, int64_t y_step);

/* y [width, rows]: transposed, pairs along the width; columns up to a multiple of KILN_ROW become zero. */
void kiln_pack_transposed(const kiln_rows *x, float *y, int64_t y_step);

/* y [rows, width], pairs along the rows; columns up to a multiple of KILN_ROW become zero. */
void kiln_pack_depth(const kiln_rows *x, float *y, int64_t y_step);

/* y [columns, rows] of x [rows, columns], any 32-bit elements; columns of y up to a multiple of KILN_ROW become zero. */
void kiln_transpose(const void *x, int64_t x_step, int64_t rows, int64_t columns, void *y, int64_t y_step);

/* Writes float32 rows of a block to a tensor, as bfloat16 if bf16: y = factors[row] * x, or factor * x if factors is NULL. */
void kiln_unpack_rows(const float *x, int64_t x_step, int64_t rows, int64_t width, const float *factors, float factor, void *y,
                      int64_t y_step, int bf16);

#pragma GCC visibility pop

#endif
