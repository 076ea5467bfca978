/* Filters of convolutions between [filters, channels, window], as the published files and Kiln have them, and [filters, window,
 * channels], as cuDNN wants them; from float32 or bfloat16 to either. Operations: Conv2d and its gradients.
 *
 * A window has few pixels: tiles of a usual transposition would be mostly empty. A block takes so many channels of a filter as
 * fit into shared memory, and reads and writes them in rows. */
#include "kernels.h"

#define FILTER_NUMBERS 4608

/* How a filter is cut. The distance of channels in shared memory is odd, so that neighbours lie in different banks. */
struct filter_pieces {
  int window, distance, channels;
  int64_t per_filter;
};

KILN_INLINE filter_pieces filter_cut(int64_t channels, int64_t window) {
  int distance = (int)window | 1;
  int most = FILTER_NUMBERS / distance;
  return {(int)window, distance, most, kiln_ceil_div(channels, most)};
}

/* f(offset, place) for every number of a piece, in the order in which it lies as [channels, window], and where it is in shared
 * memory. */
template <typename F>
KILN_INLINE void filter_each(const filter_pieces &cut, int count, F f) {
  int channel = (int)threadIdx.x / cut.window, pixel = (int)threadIdx.x % cut.window;
#pragma unroll 4
  for (int i = (int)threadIdx.x; i < count * cut.window; i += KILN_THREADS) {
    f(i, channel * cut.distance + pixel);
    channel += KILN_THREADS / cut.window;
    pixel += KILN_THREADS % cut.window;
    if (pixel >= cut.window) {
      pixel -= cut.window;
      channel++;
    }
  }
}

template <typename X, typename Y>
KILN_INLINE void filter_pack(const X *x, Y *y, int64_t filters, int64_t channels, int64_t window,
                             float (&numbers)[FILTER_NUMBERS]) {
  filter_pieces cut = filter_cut(channels, window);
  for (int64_t piece = blockIdx.x; piece < filters * cut.per_filter; piece += gridDim.x) {
    int64_t filter = piece / cut.per_filter, first = piece % cut.per_filter * cut.channels;
    int count = (int)kiln_min(cut.channels, channels - first);
    const X *from = x + (filter * channels + first) * window;
    filter_each(cut, count, [&](int i, int place) { numbers[place] = kiln_load(from[i]); });
    __syncthreads();
    for (int pixel = 0; pixel < cut.window; pixel++) {
      Y *to = y + (filter * window + pixel) * channels + first;
      for (int c = (int)threadIdx.x; c < count; c += KILN_THREADS) kiln_store(to + c, numbers[c * cut.distance + pixel]);
    }
    __syncthreads();
  }
}

template <typename X, typename Y>
KILN_INLINE void filter_unpack(const X *x, Y *y, int64_t filters, int64_t channels, int64_t window,
                               float (&numbers)[FILTER_NUMBERS]) {
  filter_pieces cut = filter_cut(channels, window);
  for (int64_t piece = blockIdx.x; piece < filters * cut.per_filter; piece += gridDim.x) {
    int64_t filter = piece / cut.per_filter, first = piece % cut.per_filter * cut.channels;
    int count = (int)kiln_min(cut.channels, channels - first);
    for (int pixel = 0; pixel < cut.window; pixel++) {
      const X *from = x + (filter * window + pixel) * channels + first;
      for (int c = (int)threadIdx.x; c < count; c += KILN_THREADS) numbers[c * cut.distance + pixel] = kiln_load(from[c]);
    }
    __syncthreads();
    Y *to = y + (filter * channels + first) * window;
    filter_each(cut, count, [&](int i, int place) { kiln_store(to + i, numbers[place]); });
    __syncthreads();
  }
}

/* x [filters, channels, window] to y [filters, window, channels]; window is at most 4607. An item is a piece: of a filter there
 * are ceil(channels / floor(4608 / (window | 1))). */
KILN_BLOCKS kiln_filter_pack(int32_t x_bf16, int32_t y_bf16, const void *x, void *y, int64_t filters, int64_t channels,
                             int64_t window) {
  __shared__ float numbers[FILTER_NUMBERS];
  kiln_typed(x_bf16, [&](auto in) {
    kiln_typed(y_bf16, [&](auto out) {
      typedef typename decltype(in)::type X;
      typedef typename decltype(out)::type Y;
      filter_pack((const X *)x, (Y *)y, filters, channels, window, numbers);
    });
  });
}
KILN_REGISTER(kiln_filter_pack);

/* The reverse: x [filters, window, channels] to y [filters, channels, window]. */
KILN_BLOCKS kiln_filter_unpack(int32_t x_bf16, int32_t y_bf16, const void *x, void *y, int64_t filters, int64_t channels,
                               int64_t window) {
  __shared__ float numbers[FILTER_NUMBERS];
  kiln_typed(x_bf16, [&](auto in) {
    kiln_typed(y_bf16, [&](auto out) {
      typedef typename decltype(in)::type X;
      typedef typename decltype(out)::type Y;
      filter_unpack((const X *)x, (Y *)y, filters, channels, window, numbers);
    });
  });
}
KILN_REGISTER(kiln_filter_unpack);
