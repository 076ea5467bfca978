/* Feature maps [n, h, w, c] to matrices [n * ho * wo, c * kh * kw] that hold, for every place of a convolution's window, what
 * lies under it, zero in the padding; and back, from float32, summing what belongs to the same pixel. The columns are ordered
 * as the plain weights [out, c, kh, kw] are, so that to convolve is to multiply by these. Operations: Conv2d and its gradients,
 * where the weights are large beside the map. */
#ifndef elem
#include "kernels.h"

#define CHANNELS 64 /* worked on at a time */

/* The order of `window` in kernels.h. */
typedef struct {
  int64_t n, h, w, c, ho, wo, kh, kw, stride_h, stride_w, dilation_h, dilation_w, pad_h, pad_w;
} window_t;

/* What a tap of the window lies on when the window is at `out`, or -1. */
KILN_INLINE int64_t under(int64_t out, int64_t tap, int64_t stride, int64_t dilation, int64_t pad, int64_t size) {
  int64_t i = out * stride + tap * dilation - pad;
  return i >= 0 && i < size ? i : -1;
}

/* Where the window is when a tap lies on i, or -1. */
KILN_INLINE int64_t over(int64_t i, int64_t tap, int64_t stride, int64_t dilation, int64_t pad, int64_t size) {
  int64_t start = i + pad - tap * dilation;
  return start >= 0 && start % stride == 0 && start / stride < size ? start / stride : -1;
}

KILN_INLINE void add_spread(const float *restrict from, float *restrict sum, int64_t channels, int64_t taps) {
#pragma omp simd
  for (int64_t j = 0; j < channels; j++) sum[j] += from[j * taps];
}

/* sum[j] of the windows that cover a pixel's channel first + j, in the order of their taps. */
KILN_INLINE void sum_windows(const float *x, window_t g, int64_t pixel, int64_t first, int64_t channels, float *sum) {
  const int64_t taps = g.kh * g.kw;
  const int64_t sample = pixel / (g.h * g.w);
  for (int64_t j = 0; j < channels; j++) sum[j] = 0;
  for (int64_t tap = 0; tap < taps; tap++) {
    int64_t i = over(pixel / g.w % g.h, tap / g.kw, g.stride_h, g.dilation_h, g.pad_h, g.ho);
    int64_t j = over(pixel % g.w, tap % g.kw, g.stride_w, g.dilation_w, g.pad_w, g.wo);
    if (i < 0 || j < 0) continue;
    const float *from = x + (((sample * g.ho + i) * g.wo + j) * g.c + first) * taps + tap;
    if (taps == 9) {
      add_spread(from, sum, channels, 9);
    } else {
      add_spread(from, sum, channels, taps);
    }
  }
}

#define KILN_BODY "unfold.c"
#include "float_types.h"

void kiln_unfold(int32_t bf16, const void *x, void *y, const int64_t *window) {
  KILN_CALL_TYPED(bf16, unfold, x, y, *(const window_t *)window);
}

void kiln_fold(int32_t bf16, const float *x, void *y, const int64_t *window) {
  KILN_CALL_TYPED(bf16, fold, x, y, *(const window_t *)window);
}

#else

KILN_INLINE void TYPED(spread)(const elem *restrict from, elem *restrict to, int64_t channels, int64_t taps) {
  for (int64_t j = 0; j < channels; j++) to[j * taps] = from ? from[j] : 0;
}

static void TYPED(unfold)(const elem *x, elem *y, window_t g) {
  const int64_t taps = g.kh * g.kw;
  const int64_t places = g.n * g.ho * g.wo;
  const int64_t blocks = kiln_ceil_div(g.c, CHANNELS);
#pragma omp parallel for collapse(2) schedule(static) if (places * g.c * taps > KILN_PARALLEL_MIN)
  for (int64_t place = 0; place < places; place++) {
    for (int64_t block = 0; block < blocks; block++) {
      const int64_t first = block * CHANNELS;
      const int64_t channels = kiln_min(CHANNELS, g.c - first);
      const int64_t sample = place / (g.ho * g.wo);
      for (int64_t tap = 0; tap < taps; tap++) {
        int64_t i = under(place / g.wo % g.ho, tap / g.kw, g.stride_h, g.dilation_h, g.pad_h, g.h);
        int64_t j = under(place % g.wo, tap % g.kw, g.stride_w, g.dilation_w, g.pad_w, g.w);
        const elem *from = i < 0 || j < 0 ? NULL : x + ((sample * g.h + i) * g.w + j) * g.c + first;
        elem *to = y + (place * g.c + first) * taps + tap;
        if (taps == 9) {
          TYPED(spread)(from, to, channels, 9);
        } else {
          TYPED(spread)(from, to, channels, taps);
        }
      }
    }
  }
}

static void TYPED(fold)(const float *x, elem *y, window_t g) {
  const int64_t pixels = g.n * g.h * g.w;
  const int64_t blocks = kiln_ceil_div(g.c, CHANNELS);
#pragma omp parallel for collapse(2) schedule(static) if (pixels * g.c * g.kh * g.kw > KILN_PARALLEL_MIN)
  for (int64_t pixel = 0; pixel < pixels; pixel++) {
    for (int64_t block = 0; block < blocks; block++) {
      const int64_t first = block * CHANNELS;
      const int64_t channels = kiln_min(CHANNELS, g.c - first);
      elem *to = y + pixel * g.c + first;
      float sum[CHANNELS];
      sum_windows(x, g, pixel, first, channels, sum);
      for (int64_t j = 0; j < channels; j++) to[j] = STORE(sum[j]);
    }
  }
}

#endif
