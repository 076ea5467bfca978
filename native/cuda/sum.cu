/* Sum of x [outer, middle, inner] over the middle, in float32 whatever x is; chunk elements of the middle at a time. If that is
 * all of it, y is the result [outer, inner], else what kiln_sum_partials adds up, [outer, ceil(middle / chunk), inner].
 * Operation: Sum. */
#include "columns.h"
#include "kernels.h"

#define COLUMNS 1024 /* of an item: ReductionLaunches.SUMMED_COLUMNS */

/* Sums of the columns from first on. */
template <int N, typename T>
KILN_INLINE void sum_chunk(const T *x, float *y, int64_t item, int64_t first, int64_t middle, int64_t inner, int64_t chunk,
                           float *shared) {
  kiln_chunk rows = kiln_chunk_of(item, middle, chunk);
  const T *in = x + rows.sample * middle * inner;
  int64_t packs = kiln_min(first + COLUMNS, inner) / N;
  for (int64_t pack = first / N; pack < packs; pack += KILN_THREADS) {
    kiln_place p = kiln_place_in<N>(pack, packs);
    kiln_floats<N> sums[1] = {};
    if (p.column >= 0) {
      for (int64_t row = rows.begin + p.row; row < rows.end; row += p.rows) {
        kiln_floats<N> v = kiln_read<N>(in + row * inner + p.column);
        for (int k = 0; k < N; k++) sums[0].at[k] += v.at[k];
      }
    }
    kiln_fold_rows(p, sums, pack, shared, [=](int, int64_t column, float sum) { y[item * inner + column] = sum; });
  }
}

/* An item is a chunk of one of outer, of 1024 columns. */
KILN_BLOCKS kiln_sum(int32_t bf16, const void *x, float *y, int64_t outer, int64_t middle, int64_t inner, int64_t chunk) {
  __shared__ float shared[8 * KILN_THREADS];
  bool packed = kiln_aligned(x) && inner % (bf16 ? 8 : 4) == 0;
  int64_t tiles = kiln_ceil_div(inner, COLUMNS);
  kiln_choose(bf16, packed, [&](auto lanes, auto type) {
    typedef typename decltype(type)::type T;
    for (int64_t i = blockIdx.x; i < outer * kiln_ceil_div(middle, chunk) * tiles; i += gridDim.x) {
      sum_chunk<lanes.count>((const T *)x, y, i / tiles, i % tiles * COLUMNS, middle, inner, chunk, shared);
    }
  });
}
KILN_REGISTER(kiln_sum);

/* As kiln_sum where inner is 1: the middle lies along the lanes of a warp. An item is a chunk of one of outer. */
KILN_WARPS kiln_sum_rows(int32_t bf16, const void *x, float *y, int64_t outer, int64_t middle, int64_t chunk) {
  int64_t chunks = kiln_ceil_div(middle, chunk);
  kiln_typed(bf16, [&](auto type) {
    typedef typename decltype(type)::type T;
    for (int64_t item = kiln_grid_warp(); item < outer * chunks; item += kiln_grid_warps()) {
      kiln_chunk row = kiln_chunk_of(item, middle, chunk);
      int64_t length = row.end - row.begin;
      const T *in = (const T *)x + row.sample * middle + row.begin;
      float sum = 0;
      kiln_each_column<T>(length, kiln_aligned(in) && length % kiln_pack<T>::count == 0, [&](auto lanes, int64_t j) {
        auto v = kiln_read<lanes.count>(in + j);
        for (float e : v.at) sum += e;
      });
      sum = kiln_warp_sum(sum);
      if (kiln_lane() == 0) y[item] = sum;
    }
  });
}
KILN_REGISTER(kiln_sum_rows);
