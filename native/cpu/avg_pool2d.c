/* Mean over square windows of [n, h, w, c], giving [n, height, width, c], and its gradient. Operations: AvgPool2d,
 * AvgPool2dGrad. */
#include "kernels.h"

void kiln_avg_pool2d(const float *x, float *y, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width, int64_t c,
                     int64_t kernel, int64_t stride) {
  float share = 1.0f / (float)(kernel * kernel);
#pragma omp parallel for collapse(2) schedule(static) if (n * h * w * c > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    for (int64_t i = 0; i < height; i++) {
      for (int64_t j = 0; j < width; j++) {
        float *out = y + ((sample * height + i) * width + j) * c;
        for (int64_t k = 0; k < c; k++) out[k] = 0;
        for (int64_t a = 0; a < kernel; a++) {
          for (int64_t b = 0; b < kernel; b++) {
            const float *in = x + ((sample * h + i * stride + a) * w + j * stride + b) * c;
#pragma omp simd
            for (int64_t k = 0; k < c; k++) out[k] += in[k];
          }
        }
#pragma omp simd
        for (int64_t k = 0; k < c; k++) out[k] *= share;
      }
    }
  }
}

/* Every row of dx gathers from the rows of windows that cover it. */
void kiln_avg_pool2d_grad(const float *dy, float *dx, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width, int64_t c,
                          int64_t kernel, int64_t stride) {
  float share = 1.0f / (float)(kernel * kernel);
#pragma omp parallel for collapse(2) schedule(static) if (n * h * w * c > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    for (int64_t row = 0; row < h; row++) {
      float *out = dx + (sample * h + row) * w * c;
      for (int64_t k = 0; k < w * c; k++) out[k] = 0;
      int64_t first = row < kernel ? 0 : (row - kernel) / stride + 1;
      for (int64_t i = first; i < kiln_min(height, row / stride + 1); i++) {
        for (int64_t j = 0; j < width; j++) {
          const float *in = dy + ((sample * height + i) * width + j) * c;
          for (int64_t b = 0; b < kernel; b++) {
            float *pixel = out + (j * stride + b) * c;
#pragma omp simd
            for (int64_t k = 0; k < c; k++) pixel[k] += share * in[k];
          }
        }
      }
    }
  }
}
