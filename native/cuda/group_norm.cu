/* Group normalisation of [n, s, c], optionally followed by SiLU. Operation: GroupNorm. The gradient is in group_norm_grad.cu.
 *
 * A group's channels are few and lie apart from those of the next row, so blocks take whole rows of a chunk of a sample: sums of
 * every channel first, statistics of the groups from these, then the result. Sums are of the distance from the group's first
 * number, so that a large mean does not cancel what is to be measured. */
#include "columns.h"
#include "functions.h"
#include "kernels.h"

template <int N, typename T>
KILN_INLINE void channel_sums(const T *x, float *partial, int64_t item, int64_t s, int64_t c, int64_t size, int64_t chunk,
                              float *shared) {
  kiln_chunk rows = kiln_chunk_of(item, s, chunk);
  const T *in = x + rows.sample * s * c;
  for (int64_t first = 0; first < c / N; first += KILN_THREADS) {
    kiln_place p = kiln_place_in<N>(first, c / N);
    kiln_floats<N> sums[2] = {};
    if (p.column >= 0) {
      kiln_floats<N> shift;
      for (int k = 0; k < N; k++) shift.at[k] = kiln_load(in[kiln_div(p.column + k, size) * size]);
      for (int64_t row = rows.begin + p.row; row < rows.end; row += p.rows) {
        kiln_floats<N> v = kiln_read<N>(in + row * c + p.column);
        for (int k = 0; k < N; k++) {
          float d = v.at[k] - shift.at[k];
          sums[0].at[k] += d;
          sums[1].at[k] += d * d;
        }
      }
    }
    float *out = partial + item * 2 * c;
    kiln_fold_rows(p, sums, first, shared, [=](int k, int64_t column, float sum) { out[k * c + column] = sum; });
  }
}

/* partial [n, ceil(s / chunk), 2, c]: of every channel, sum and sum of squares of what the elements differ from the first of
 * their group by. An item is a chunk of a sample. */
KILN_BLOCKS kiln_group_norm_sums(int32_t bf16, const void *x, float *partial, int64_t n, int64_t s, int64_t c, int64_t groups,
                                 int64_t chunk) {
  __shared__ float shared[2 * 8 * KILN_THREADS];
  bool packed = kiln_aligned(x) && c % (bf16 ? 8 : 4) == 0;
  kiln_choose(bf16, packed, [&](auto lanes, auto type) {
    typedef typename decltype(type)::type T;
    for (int64_t item = blockIdx.x; item < n * kiln_ceil_div(s, chunk); item += gridDim.x) {
      channel_sums<lanes.count>((const T *)x, partial, item, s, c, c / groups, chunk, shared);
    }
  });
}
KILN_REGISTER(kiln_group_norm_sums);

/* mean, rstd [n, groups] from what kiln_group_norm_sums wrote. An item is a group of a sample. */
KILN_BLOCKS kiln_group_norm_statistics(int32_t bf16, const void *x, const float *partial, float *mean, float *rstd, int64_t n,
                                       int64_t s, int64_t c, int64_t groups, int64_t chunk, float epsilon) {
  __shared__ double of_warps[KILN_WARPS_PER_BLOCK];
  int64_t size = c / groups;
  int64_t chunks = kiln_ceil_div(s, chunk);
  for (int64_t item = blockIdx.x; item < n * groups; item += gridDim.x) {
    int64_t sample = item / groups;
    int64_t channel = item % groups * size;
    const float *of_sample = partial + sample * chunks * 2 * c + channel;
    double sum = 0, squares = 0;
    for (int64_t i = threadIdx.x; i < chunks * size; i += KILN_THREADS) {
      int64_t row = kiln_div(i, size);
      const float *at = of_sample + row * 2 * c + (i - row * size);
      sum += at[0];
      squares += at[c];
    }
    double elements = (double)(s * size);
    double distance = kiln_block_sum(sum, of_warps) / elements;
    double variance = kiln_block_sum(squares, of_warps) / elements - distance * distance;
    int64_t start = sample * s * c + channel;
    float shift = bf16 ? kiln_load(((const uint16_t *)x)[start]) : ((const float *)x)[start];
    if (threadIdx.x == 0) {
      mean[item] = (float)(shift + distance);
      rstd[item] = (float)(1.0 / sqrt((variance < 0 ? 0 : variance) + (double)epsilon));
    }
  }
}
KILN_REGISTER(kiln_group_norm_statistics);

template <int N, typename T>
KILN_INLINE void normalize(const T *x, const float *weight, const float *bias, T *y, const float *mean, const float *rstd,
                           int64_t item, int64_t s, int64_t c, int64_t groups, int64_t chunk, bool silu) {
  kiln_chunk rows = kiln_chunk_of(item, s, chunk);
  int64_t size = c / groups;
  for (int64_t first = 0; first < c / N; first += KILN_THREADS) {
    kiln_place p = kiln_place_in<N>(first, c / N);
    if (p.column < 0) continue;
    kiln_floats<N> center, scale, shift;
    for (int k = 0; k < N; k++) {
      int64_t group = rows.sample * groups + kiln_div(p.column + k, size);
      center.at[k] = mean[group];
      scale.at[k] = rstd[group] * weight[p.column + k];
      shift.at[k] = bias[p.column + k];
    }
    for (int64_t row = rows.begin + p.row; row < rows.end; row += p.rows) {
      int64_t at = (rows.sample * s + row) * c + p.column;
      kiln_floats<N> v = kiln_read<N>(x + at);
      for (int k = 0; k < N; k++) {
        float z = (v.at[k] - center.at[k]) * scale.at[k] + shift.at[k];
        v.at[k] = silu ? z * kiln_sigmoid(z) : z;
      }
      kiln_write(y + at, v);
    }
  }
}

/* y from x and the statistics. An item is a chunk of a sample. */
KILN_BLOCKS kiln_group_norm(int32_t bf16, const void *x, const float *weight, const float *bias, void *y, const float *mean,
                            const float *rstd, int64_t n, int64_t s, int64_t c, int64_t groups, int64_t chunk, int32_t silu) {
  bool packed = kiln_aligned(x, y) && c % (bf16 ? 8 : 4) == 0;
  kiln_choose(bf16, packed, [&](auto lanes, auto type) {
    typedef typename decltype(type)::type T;
    for (int64_t item = blockIdx.x; item < n * kiln_ceil_div(s, chunk); item += gridDim.x) {
      normalize<lanes.count>((const T *)x, weight, bias, (T *)y, mean, rstd, item, s, c, groups, chunk, silu);
    }
  });
}
KILN_REGISTER(kiln_group_norm);
