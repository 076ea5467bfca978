/* Nearest-neighbour resize of [n, h, w, c] to [n, height, width, c], source index i * h / height, and its gradient. Operations:
 * UpsampleNearest, UpsampleNearestGrad. Items are elements of the result. */
#include "kernels.h"

/* A place in a tensor [n, height, width, c]. */
struct place {
  int64_t sample, row, column, channel;
};

KILN_INLINE place place_of(int64_t i, int64_t height, int64_t width, int64_t c) {
  int64_t pixel = kiln_div(i, c);
  int64_t line = kiln_div(pixel, width);
  int64_t sample = kiln_div(line, height);
  return {sample, line - sample * height, pixel - line * width, i - pixel * c};
}

KILN_ELEMENTS kiln_upsample_nearest(int32_t bf16, const void *x, void *y, int64_t n, int64_t h, int64_t w, int64_t height,
                                    int64_t width, int64_t c) {
  kiln_typed(bf16, [&](auto type) {
    typedef typename decltype(type)::type T;
    bool packed = kiln_aligned(x, y) && c % kiln_pack<T>::count == 0;
    kiln_each<T>(n * height * width * c, packed, [=](auto lanes, int64_t i) {
      place p = place_of(i, height, width, c);
      int64_t from = (p.sample * h + kiln_div(p.row * h, height)) * w + kiln_div(p.column * w, width);
      kiln_write((T *)y + i, kiln_read<lanes.count>((const T *)x + from * c + p.channel));
    });
  });
}
KILN_REGISTER(kiln_upsample_nearest);

/* Every source pixel gathers from the pixels that were copied from it: those i with i * h / height equal to its index. */
KILN_ELEMENTS kiln_upsample_nearest_grad(int32_t bf16, const void *dy, void *dx, int64_t n, int64_t h, int64_t w, int64_t height,
                                         int64_t width, int64_t c) {
  kiln_typed(bf16, [&](auto type) {
    typedef typename decltype(type)::type T;
    bool packed = kiln_aligned(dy, dx) && c % kiln_pack<T>::count == 0;
    kiln_each<T>(n * h * w * c, packed, [=](auto lanes, int64_t i) {
      place p = place_of(i, h, w, c);
      int64_t end_row = kiln_ceil_div((p.row + 1) * height, h);
      int64_t first_column = kiln_ceil_div(p.column * width, w);
      int64_t end_column = kiln_ceil_div((p.column + 1) * width, w);
      kiln_floats<lanes.count> sum = {};
      for (int64_t row = kiln_ceil_div(p.row * height, h); row < end_row; row++) {
        for (int64_t column = first_column; column < end_column; column++) {
          const T *from = (const T *)dy + ((p.sample * height + row) * width + column) * c + p.channel;
          auto v = kiln_read<lanes.count>(from);
          for (int k = 0; k < lanes.count; k++) sum.at[k] += v.at[k];
        }
      }
      kiln_write((T *)dx + i, sum);
    });
  });
}
KILN_REGISTER(kiln_upsample_nearest_grad);
