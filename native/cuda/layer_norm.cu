/* Layer normalisation of rows [rows, c] and its gradient. Operations: LayerNorm, LayerNormGrad. A warp has a row; what it reads
 * again comes from the cache. y may be x, and dx may be x or dy. */
#include "columns.h"
#include "kernels.h"

template <typename T>
KILN_INLINE void layer_norm(const T *x, const float *weight, const float *bias, T *y, float *mean, float *rstd, int64_t rows,
                            int64_t c, float epsilon) {
  bool packed = kiln_aligned(x, y, weight, bias) && c % kiln_pack<T>::count == 0;
  for (int64_t r = kiln_grid_warp(); r < rows; r += kiln_grid_warps()) {
    const T *in = x + r * c;
    T *out = y + r * c;
    float sum = 0;
    kiln_each_column<T>(c, packed, [&](auto lanes, int64_t j) {
      auto v = kiln_read<lanes.count>(in + j);
      for (float e : v.at) sum += e;
    });
    float center = kiln_warp_sum(sum) / (float)c;
    float squares = 0;
    kiln_each_column<T>(c, packed, [&](auto lanes, int64_t j) {
      auto v = kiln_read<lanes.count>(in + j);
      for (float e : v.at) squares += (e - center) * (e - center);
    });
    float scale = 1.0f / sqrtf(kiln_warp_sum(squares) / (float)c + epsilon);
    kiln_each_column<T>(c, packed, [&](auto lanes, int64_t j) {
      auto v = kiln_read<lanes.count>(in + j);
      auto w = kiln_read<lanes.count>(weight + j);
      auto b = kiln_read<lanes.count>(bias + j);
      for (int k = 0; k < lanes.count; k++) v.at[k] = (v.at[k] - center) * scale * w.at[k] + b.at[k];
      kiln_write(out + j, v);
    });
    if (kiln_lane() == 0) {
      mean[r] = center;
      rstd[r] = scale;
    }
  }
}

/* An item is a row. */
KILN_WARPS kiln_layer_norm(int32_t bf16, const void *x, const float *weight, const float *bias, void *y, float *mean, float *rstd,
                           int64_t rows, int64_t c, float epsilon) {
  if (bf16) {
    layer_norm((const uint16_t *)x, weight, bias, (uint16_t *)y, mean, rstd, rows, c, epsilon);
  } else {
    layer_norm((const float *)x, weight, bias, (float *)y, mean, rstd, rows, c, epsilon);
  }
}
KILN_REGISTER(kiln_layer_norm);

template <int N, typename T>
KILN_INLINE void gradient_sums(const T *x, const float *mean, const float *rstd, const T *dy, float *partial, int64_t item,
                               int64_t rows, int64_t c, float *shared) {
  int64_t end = kiln_min((item + 1) * KILN_RUN, rows);
  for (int64_t first = 0; first < c / N; first += KILN_THREADS) {
    kiln_place p = kiln_place_in<N>(first, c / N);
    kiln_floats<N> sums[2] = {};
    if (p.column >= 0) {
      for (int64_t row = item * KILN_RUN + p.row; row < end; row += p.rows) {
        kiln_floats<N> v = kiln_read<N>(x + row * c + p.column);
        kiln_floats<N> d = kiln_read<N>(dy + row * c + p.column);
        for (int k = 0; k < N; k++) {
          sums[0].at[k] += d.at[k];
          sums[1].at[k] += d.at[k] * ((v.at[k] - mean[row]) * rstd[row]);
        }
      }
    }
    float *out = partial + item * 2 * c;
    kiln_fold_rows(p, sums, first, shared, [=](int k, int64_t column, float sum) { out[k * c + column] = sum; });
  }
}

/* partial [ceil(rows / KILN_RUN), 2, c]: what every run of rows adds to dbias and dweight, for kiln_fold_partials. An item is a
 * run. Goes before kiln_layer_norm_grad, which may write over what this reads. */
KILN_BLOCKS kiln_layer_norm_grad_sums(int32_t bf16, const void *x, const float *mean, const float *rstd, const void *dy,
                                      float *partial, int64_t rows, int64_t c) {
  __shared__ float shared[2 * 8 * KILN_THREADS];
  bool packed = kiln_aligned(x, dy) && c % (bf16 ? 8 : 4) == 0;
  kiln_choose(bf16, packed, [&](auto lanes, auto type) {
    typedef typename decltype(type)::type T;
    for (int64_t item = blockIdx.x; item < kiln_ceil_div(rows, KILN_RUN); item += gridDim.x) {
      gradient_sums<lanes.count>((const T *)x, mean, rstd, (const T *)dy, partial, item, rows, c, shared);
    }
  });
}
KILN_REGISTER(kiln_layer_norm_grad_sums);

template <typename T>
KILN_INLINE void layer_norm_grad(const T *x, const float *weight, const float *mean, const float *rstd, const T *dy, T *dx,
                                 int64_t rows, int64_t c) {
  bool packed = kiln_aligned(x, dy, dx, weight) && c % kiln_pack<T>::count == 0;
  for (int64_t r = kiln_grid_warp(); r < rows; r += kiln_grid_warps()) {
    const T *in = x + r * c;
    const T *d = dy + r * c;
    T *out = dx + r * c;
    float center = mean[r];
    float scale = rstd[r];
    float sum = 0, dot = 0;
    kiln_each_column<T>(c, packed, [&](auto lanes, int64_t j) {
      auto v = kiln_read<lanes.count>(in + j);
      auto e = kiln_read<lanes.count>(d + j);
      auto w = kiln_read<lanes.count>(weight + j);
      for (int k = 0; k < lanes.count; k++) {
        float slope = w.at[k] * e.at[k];
        sum += slope;
        dot += slope * ((v.at[k] - center) * scale);
      }
    });
    sum = kiln_warp_sum(sum) / (float)c;
    dot = kiln_warp_sum(dot) / (float)c;
    kiln_each_column<T>(c, packed, [&](auto lanes, int64_t j) {
      auto v = kiln_read<lanes.count>(in + j);
      auto e = kiln_read<lanes.count>(d + j);
      auto w = kiln_read<lanes.count>(weight + j);
      for (int k = 0; k < lanes.count; k++) {
        v.at[k] = scale * (w.at[k] * e.at[k] - sum - (v.at[k] - center) * scale * dot);
      }
      kiln_write(out + j, v);
    });
  }
}

/* dx. An item is a row. */
KILN_WARPS kiln_layer_norm_grad(int32_t bf16, const void *x, const float *weight, const float *mean, const float *rstd,
                                const void *dy, void *dx, int64_t rows, int64_t c) {
  if (bf16) {
    layer_norm_grad((const uint16_t *)x, weight, mean, rstd, (const uint16_t *)dy, (uint16_t *)dx, rows, c);
  } else {
    layer_norm_grad((const float *)x, weight, mean, rstd, (const float *)dy, (float *)dx, rows, c);
  }
}
KILN_REGISTER(kiln_layer_norm_grad);
