/* Sums of what chunks of rows have left, in the order of the chunks: the last step of Sum and of the normalisations' gradients of
 * weight and bias. */
#include "columns.h"
#include "kernels.h"

#define TILE 32 /* columns of a block */

/* y[j] = sum over i < rows of x[i * stride + j], for the columns from first on that the block has. */
KILN_INLINE void fold(const float *x, float *y, int64_t rows, int64_t stride, int64_t first, int64_t columns, float *shared) {
  kiln_place p = kiln_place_in<1>(0, kiln_min(TILE, columns - first));
  kiln_floats<1> sums[1] = {};
  if (p.column >= 0) {
    for (int64_t row = p.row; row < rows; row += p.rows) sums[0].at[0] += x[row * stride + first + p.column];
  }
  kiln_fold_rows(p, sums, 0, shared, [=](int, int64_t column, float sum) { y[first + column] = sum; });
}

/* first, second [c] from partial [runs, 2, c]; or, if second is NULL, first from partial [runs, c]. An item is 32 columns. */
KILN_BLOCKS kiln_fold_partials(const float *partial, float *first, float *second, int64_t runs, int64_t c) {
  __shared__ float shared[KILN_THREADS];
  int64_t stride = second ? 2 * c : c;
  for (int64_t item = blockIdx.x; item < kiln_ceil_div(c, TILE); item += gridDim.x) {
    fold(partial, first, runs, stride, item * TILE, c, shared);
    if (second) fold(partial + c, second, runs, stride, item * TILE, c, shared);
  }
}
KILN_REGISTER(kiln_fold_partials);

/* y [outer, inner] from partial [outer, chunks, inner]. An item is 32 columns of one of outer. */
KILN_BLOCKS kiln_sum_partials(const float *partial, float *y, int64_t outer, int64_t chunks, int64_t inner) {
  __shared__ float shared[KILN_THREADS];
  int64_t tiles = kiln_ceil_div(inner, TILE);
  for (int64_t item = blockIdx.x; item < outer * tiles; item += gridDim.x) {
    int64_t o = item / tiles;
    fold(partial + o * chunks * inner, y + o * inner, chunks, inner, item % tiles * TILE, inner, shared);
  }
}
KILN_REGISTER(kiln_sum_partials);
