/* The gradient of group normalisation of [n, s, c] with or without SiLU. Operation: GroupNormGrad.
 *
 * With dz the gradient before SiLU and xhat = (x - mean) * rstd:
 *   dx = rstd * (weight * dz - mean(weight * dz) - xhat * mean(weight * dz * xhat)), the means being over a group.
 * Sums of dz and dz * xhat of every channel of every chunk come first; from these the means, and the gradients of bias and
 * weight (fold_partials.cu); then dx. */
#include "columns.h"
#include "functions.h"
#include "kernels.h"

/* What a thread keeps of its N channels. */
template <int N>
struct channels {
  kiln_floats<N> mean, rstd, weight, bias;
};

template <int N>
KILN_INLINE channels<N> channels_at(int64_t column, int64_t sample, int64_t groups, int64_t size, const float *weight,
                                    const float *bias, const float *mean, const float *rstd) {
  channels<N> ch;
  for (int k = 0; k < N; k++) {
    int64_t group = sample * groups + kiln_div(column + k, size);
    ch.mean.at[k] = mean[group];
    ch.rstd.at[k] = rstd[group];
    ch.weight.at[k] = weight[column + k];
    ch.bias.at[k] = bias[column + k];
  }
  return ch;
}

KILN_INLINE float before_silu(float dy, float xhat, float weight, float bias, bool silu) {
  return silu ? dy * kiln_silu_derivative(xhat * weight + bias) : dy;
}

template <int N, typename T>
KILN_INLINE void gradient_sums(const T *x, const float *weight, const float *bias, const float *mean, const float *rstd,
                               const T *dy, float *partial, int64_t item, int64_t s, int64_t c, int64_t groups, int64_t chunk,
                               bool silu, float *shared) {
  kiln_chunk rows = kiln_chunk_of(item, s, chunk);
  for (int64_t first = 0; first < c / N; first += KILN_THREADS) {
    kiln_place p = kiln_place_in<N>(first, c / N);
    kiln_floats<N> sums[2] = {};
    if (p.column >= 0) {
      channels<N> ch = channels_at<N>(p.column, rows.sample, groups, c / groups, weight, bias, mean, rstd);
      for (int64_t row = rows.begin + p.row; row < rows.end; row += p.rows) {
        int64_t at = (rows.sample * s + row) * c + p.column;
        kiln_floats<N> v = kiln_read<N>(x + at);
        kiln_floats<N> d = kiln_read<N>(dy + at);
        for (int k = 0; k < N; k++) {
          float xhat = (v.at[k] - ch.mean.at[k]) * ch.rstd.at[k];
          float dz = before_silu(d.at[k], xhat, ch.weight.at[k], ch.bias.at[k], silu);
          sums[0].at[k] += dz;
          sums[1].at[k] += dz * xhat;
        }
      }
    }
    float *out = partial + item * 2 * c;
    kiln_fold_rows(p, sums, first, shared, [=](int k, int64_t column, float sum) { out[k * c + column] = sum; });
  }
}

/* partial [n, ceil(s / chunk), 2, c]: sums of dz and of dz * xhat. An item is a chunk of a sample. */
KILN_BLOCKS kiln_group_norm_grad_sums(int32_t bf16, const void *x, const float *weight, const float *bias, const float *mean,
                                      const float *rstd, const void *dy, float *partial, int64_t n, int64_t s, int64_t c,
                                      int64_t groups, int64_t chunk, int32_t silu) {
  __shared__ float shared[2 * 8 * KILN_THREADS];
  bool packed = kiln_aligned(x, dy) && c % (bf16 ? 8 : 4) == 0;
  kiln_choose(bf16, packed, [&](auto lanes, auto type) {
    typedef typename decltype(type)::type T;
    for (int64_t item = blockIdx.x; item < n * kiln_ceil_div(s, chunk); item += gridDim.x) {
      gradient_sums<lanes.count>((const T *)x, weight, bias, mean, rstd, (const T *)dy, partial, item, s, c, groups, chunk,
                                 silu, shared);
    }
  });
}
KILN_REGISTER(kiln_group_norm_grad_sums);

/* sums [n, 2, c]: partial summed over the chunks; means [n, groups, 2]: those of weight * dz and weight * dz * xhat. An item is
 * a group of a sample. */
KILN_BLOCKS kiln_group_norm_grad_means(const float *partial, const float *weight, float *sums, float *means, int64_t n,
                                       int64_t s, int64_t c, int64_t groups, int64_t chunk) {
  __shared__ float shared[2 * KILN_THREADS];
  __shared__ double of_warps[KILN_WARPS_PER_BLOCK];
  int64_t size = c / groups;
  int64_t chunks = kiln_ceil_div(s, chunk);
  for (int64_t item = blockIdx.x; item < n * groups; item += gridDim.x) {
    int64_t sample = item / groups;
    int64_t channel = item % groups * size;
    const float *of_sample = partial + sample * chunks * 2 * c + channel;
    double means_of[2] = {};
    for (int64_t first = 0; first < size; first += KILN_THREADS) {
      kiln_place p = kiln_place_in<1>(first, size);
      kiln_floats<1> parts[2] = {};
      for (int64_t row = p.row; p.column >= 0 && row < chunks; row += p.rows) {
        parts[0].at[0] += of_sample[row * 2 * c + p.column];
        parts[1].at[0] += of_sample[row * 2 * c + c + p.column];
      }
      kiln_fold_rows(p, parts, first, shared, [&](int k, int64_t column, float sum) {
        sums[(sample * 2 + k) * c + channel + column] = sum;
        double share = (double)weight[channel + column] * sum;
        means_of[0] += k == 0 ? share : 0;
        means_of[1] += k == 0 ? 0 : share;
      });
    }
    for (int k = 0; k < 2; k++) {
      double total = kiln_block_sum(means_of[k], of_warps);
      if (threadIdx.x == 0) means[item * 2 + k] = (float)(total / (double)(s * size));
    }
  }
}
KILN_REGISTER(kiln_group_norm_grad_means);

template <int N, typename T>
KILN_INLINE void gradient(const T *x, const float *weight, const float *bias, const float *mean, const float *rstd, const T *dy,
                          T *dx, const float *means, int64_t item, int64_t s, int64_t c, int64_t groups, int64_t chunk,
                          bool silu) {
  kiln_chunk rows = kiln_chunk_of(item, s, chunk);
  int64_t size = c / groups;
  for (int64_t first = 0; first < c / N; first += KILN_THREADS) {
    kiln_place p = kiln_place_in<N>(first, c / N);
    if (p.column < 0) continue;
    channels<N> ch = channels_at<N>(p.column, rows.sample, groups, size, weight, bias, mean, rstd);
    kiln_floats<N> of_dz, of_xhat;
    for (int k = 0; k < N; k++) {
      int64_t group = rows.sample * groups + kiln_div(p.column + k, size);
      of_dz.at[k] = means[group * 2];
      of_xhat.at[k] = means[group * 2 + 1];
    }
    for (int64_t row = rows.begin + p.row; row < rows.end; row += p.rows) {
      int64_t at = (rows.sample * s + row) * c + p.column;
      kiln_floats<N> v = kiln_read<N>(x + at);
      kiln_floats<N> d = kiln_read<N>(dy + at);
      for (int k = 0; k < N; k++) {
        float xhat = (v.at[k] - ch.mean.at[k]) * ch.rstd.at[k];
        float dz = before_silu(d.at[k], xhat, ch.weight.at[k], ch.bias.at[k], silu);
        v.at[k] = ch.rstd.at[k] * (ch.weight.at[k] * dz - of_dz.at[k] - xhat * of_xhat.at[k]);
      }
      kiln_write(dx + at, v);
    }
  }
}

/* dx. An item is a chunk of a sample. */
KILN_BLOCKS kiln_group_norm_grad(int32_t bf16, const void *x, const float *weight, const float *bias, const float *mean,
                                 const float *rstd, const void *dy, void *dx, const float *means, int64_t n, int64_t s,
                                 int64_t c, int64_t groups, int64_t chunk, int32_t silu) {
  bool packed = kiln_aligned(x, dy, dx) && c % (bf16 ? 8 : 4) == 0;
  kiln_choose(bf16, packed, [&](auto lanes, auto type) {
    typedef typename decltype(type)::type T;
    for (int64_t item = blockIdx.x; item < n * kiln_ceil_div(s, chunk); item += gridDim.x) {
      gradient<lanes.count>((const T *)x, weight, bias, mean, rstd, (const T *)dy, (T *)dx, means, item, s, c, groups, chunk,
                            silu);
    }
  });
}
KILN_REGISTER(kiln_group_norm_grad);
