/* Nearest-neighbour resize of [n, h, w, c] to [n, height, width, c], source index i * h / height, and its gradient. Operations:
 * UpsampleNearest, UpsampleNearestGrad. */
#include <string.h>

#include "kernels.h"

void kiln_upsample_nearest(const float *x, float *y, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width,
                           int64_t c) {
#pragma omp parallel for collapse(2) schedule(static) if (n * height * width * c > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    for (int64_t i = 0; i < height; i++) {
      const float *in = x + (sample * h + i * h / height) * w * c;
      float *out = y + (sample * height + i) * width * c;
      for (int64_t j = 0; j < width; j++) memcpy(out + j * c, in + j * w / width * c, (size_t)c * sizeof(float));
    }
  }
}

/* Every source pixel gathers from the pixels that were copied from it: those i with i * h / height equal to its index. */
void kiln_upsample_nearest_grad(const float *dy, float *dx, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width,
                                int64_t c) {
#pragma omp parallel for collapse(2) schedule(static) if (n * height * width * c > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    for (int64_t row = 0; row < h; row++) {
      float *out = dx + (sample * h + row) * w * c;
      for (int64_t j = 0; j < w * c; j++) out[j] = 0;
      for (int64_t i = kiln_ceil_div(row * height, h); i < kiln_ceil_div((row + 1) * height, h); i++) {
        const float *in = dy + (sample * height + i) * width * c;
        for (int64_t column = 0; column < w; column++) {
          float *pixel = out + column * c;
          for (int64_t j = kiln_ceil_div(column * width, w); j < kiln_ceil_div((column + 1) * width, w); j++) {
#pragma omp simd
            for (int64_t k = 0; k < c; k++) pixel[k] += in[j * c + k];
          }
        }
      }
    }
  }
}
