/* Nearest-neighbour resize of [n, h, w, c] to [n, height, width, c], source index i * h / height, and its gradient. Operations:
 * UpsampleNearest, UpsampleNearestGrad. */
#ifndef elem
#include <string.h>

#include "kernels.h"
#include "sums.h"

#define KILN_BODY "upsample_nearest.c"
#include "float_types.h"

void kiln_upsample_nearest(int32_t bf16, const void *x, void *y, int64_t n, int64_t h, int64_t w, int64_t height,
                           int64_t width, int64_t c) {
  KILN_CALL_TYPED(bf16, upsample_nearest, x, y, n, h, w, height, width, c);
}

void kiln_upsample_nearest_grad(int32_t bf16, const void *dy, void *dx, int64_t n, int64_t h, int64_t w, int64_t height,
                                int64_t width, int64_t c) {
  KILN_CALL_TYPED(bf16, upsample_nearest_grad, dy, dx, n, h, w, height, width, c);
}

#else

static void TYPED(upsample_nearest)(const elem *x, elem *y, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width,
                                    int64_t c) {
#pragma omp parallel for collapse(2) schedule(static) if (n * height * width * c > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    for (int64_t i = 0; i < height; i++) {
      const elem *in = x + (sample * h + i * h / height) * w * c;
      elem *out = y + (sample * height + i) * width * c;
      for (int64_t j = 0; j < width; j++) memcpy(out + j * c, in + j * w / width * c, (size_t)c * sizeof(elem));
    }
  }
}

/* out[k] = sum over rows and columns of in[k], for k < count <= KILN_TILE. */
KILN_INLINE void TYPED(gather)(const elem *restrict in, elem *restrict out, int64_t rows, int64_t row_stride, int64_t columns,
                               int64_t column_stride, int64_t count) {
  float sum[KILN_TILE] = {0};
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      const elem *pixel = in + i * row_stride + j * column_stride;
#pragma omp simd
      for (int64_t k = 0; k < count; k++) sum[k] += LOAD(pixel[k]);
    }
  }
#pragma omp simd
  for (int64_t k = 0; k < count; k++) out[k] = STORE(sum[k]);
}

/* Every source pixel gathers from the pixels that were copied from it: those i with i * h / height equal to its index. */
static void TYPED(upsample_nearest_grad)(const elem *dy, elem *dx, int64_t n, int64_t h, int64_t w, int64_t height,
                                         int64_t width, int64_t c) {
#pragma omp parallel for collapse(2) schedule(static) if (n * height * width * c > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    for (int64_t row = 0; row < h; row++) {
      int64_t i = kiln_ceil_div(row * height, h);
      int64_t rows = kiln_ceil_div((row + 1) * height, h) - i;
      for (int64_t column = 0; column < w; column++) {
        int64_t j = kiln_ceil_div(column * width, w);
        int64_t columns = kiln_ceil_div((column + 1) * width, w) - j;
        const elem *in = dy + ((sample * height + i) * width + j) * c;
        elem *out = dx + ((sample * h + row) * w + column) * c;
        for (int64_t k = 0; k < c; k += KILN_TILE) {
#define CALL(count) TYPED(gather)(in + k, out + k, rows, width * c, columns, c, count)
          KILN_WITH_WIDTH(kiln_min(KILN_TILE, c - k), CALL)
#undef CALL
        }
      }
    }
  }
}

#endif
