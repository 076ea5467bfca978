/* Reorders the axes of a tensor of float32 or bfloat16. Operation: Permute.
 *
 * layout is what native/cpu/permute.c has: the six extents of the output, then, for every one of its axes, the stride in the
 * input; unit is the axis that is contiguous in the input. */
#include "kernels.h"

#define TILE 32

/* Where the element at `at` of the output lies in the input, `at` counting along the first `axes` axes only. */
KILN_INLINE int64_t source(const kiln_layout &layout, int axes, int64_t at) {
  int64_t from = 0;
  for (int k = axes - 1; k >= 0; k--) {
    int64_t next = kiln_div(at, layout.extent[k]);
    from += (at - next * layout.extent[k]) * layout.other[k];
    at = next;
  }
  return from;
}

/* Where the last axis stays the last (unit 5). Items are elements. */
KILN_ELEMENTS kiln_permute(int32_t bf16, const void *x, void *y, kiln_layout layout) {
  int64_t columns = layout.extent[5];
  int64_t n = columns;
  int64_t strides = 0;
  for (int k = 0; k < 5; k++) {
    n *= layout.extent[k];
    if (layout.extent[k] > 1) strides |= layout.other[k];
  }
  kiln_typed(bf16, [&](auto type) {
    typedef typename decltype(type)::type T;
    constexpr int64_t count = kiln_pack<T>::count;
    const T *in = (const T *)x;
    T *out = (T *)y;
    kiln_each<T>(n, kiln_aligned(x, y) && columns % count == 0 && strides % count == 0, [&](auto lanes, int64_t i) {
      int64_t row = kiln_div(i, columns);
      int64_t from = source(layout, 5, row) + (i - row * columns) * layout.other[5];
      if constexpr (lanes.count > 1) {
        *(uint4 *)(out + i) = *(const uint4 *)(in + from);
      } else {
        out[i] = in[from];
      }
    });
  });
}
KILN_REGISTER(kiln_permute);

/* Where axis unit < 5 of the output is contiguous in the input: a transposition, through tiles of shared memory so that both
 * sides are read and written in rows. An item is a tile of 32 by 32. */
KILN_BLOCKS kiln_permute_tiles(int32_t bf16, const void *x, void *y, kiln_layout layout, int64_t unit) {
  __shared__ uint32_t tile[TILE][TILE + 1];
  int64_t rows = 1, y_stride = layout.extent[5], columns = layout.extent[5], tasks = 1;
  for (int k = 4; k > unit; k--) y_stride *= layout.extent[k];
  for (int k = 0; k < 5; k++) {
    if (k == unit) {
      rows = layout.extent[k];
      layout.extent[k] = 1;
    }
    tasks *= layout.extent[k];
  }
  int64_t x_stride = layout.other[5];
  int64_t row_tiles = kiln_ceil_div(rows, TILE), column_tiles = kiln_ceil_div(columns, TILE);
  int tx = kiln_lane(), ty = kiln_warp();
  for (int64_t item = blockIdx.x; item < tasks * row_tiles * column_tiles; item += gridDim.x) {
    int64_t task = item / (row_tiles * column_tiles);
    int64_t first_row = item / column_tiles % row_tiles * TILE;
    int64_t first_column = item % column_tiles * TILE;
    int64_t from = source(layout, 5, task);
    /* In the output a task's elements lie where its indices say, with the extent of the unit put back in. */
    int64_t to = 0, rest = task, stride = columns;
    for (int k = 4; k >= 0; k--) {
      int64_t next = kiln_div(rest, layout.extent[k]);
      to += (rest - next * layout.extent[k]) * stride;
      stride *= k == unit ? rows : layout.extent[k];
      rest = next;
    }
    for (int64_t j = first_column + ty; j < kiln_min(first_column + TILE, columns); j += KILN_WARPS_PER_BLOCK) {
      if (first_row + tx >= rows) continue;
      int64_t at = from + first_row + tx + j * x_stride;
      tile[j - first_column][tx] = bf16 ? ((const uint16_t *)x)[at] : ((const uint32_t *)x)[at];
    }
    __syncthreads();
    for (int64_t i = first_row + ty; i < kiln_min(first_row + TILE, rows); i += KILN_WARPS_PER_BLOCK) {
      if (first_column + tx >= columns) continue;
      int64_t at = to + i * y_stride + first_column + tx;
      uint32_t word = tile[tx][i - first_row];
      if (bf16) {
        ((uint16_t *)y)[at] = (uint16_t)word;
      } else {
        ((uint32_t *)y)[at] = word;
      }
    }
    __syncthreads();
  }
}
KILN_REGISTER(kiln_permute_tiles);
