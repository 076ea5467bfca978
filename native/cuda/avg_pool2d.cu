/* Mean over square windows of [n, h, w, c], giving [n, height, width, c], and its gradient; float32. Operations: AvgPool2d,
 * AvgPool2dGrad. Items are elements of the result. */
#include "kernels.h"

KILN_ELEMENTS kiln_avg_pool2d(const float *x, float *y, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width, int64_t c,
                              int64_t kernel, int64_t stride) {
  float share = 1.0f / (float)(kernel * kernel);
  for (int64_t i = kiln_thread(); i < n * height * width * c; i += kiln_threads()) {
    int64_t pixel = kiln_div(i, c);
    int64_t line = kiln_div(pixel, width);
    int64_t sample = kiln_div(line, height);
    int64_t row = (line - sample * height) * stride, column = (pixel - line * width) * stride;
    float sum = 0;
    for (int64_t a = 0; a < kernel; a++) {
      for (int64_t b = 0; b < kernel; b++) sum += x[((sample * h + row + a) * w + column + b) * c + i - pixel * c];
    }
    y[i] = sum * share;
  }
}
KILN_REGISTER(kiln_avg_pool2d);

/* Every element gathers from the windows that cover it. */
KILN_ELEMENTS kiln_avg_pool2d_grad(const float *dy, float *dx, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width,
                                   int64_t c, int64_t kernel, int64_t stride) {
  float share = 1.0f / (float)(kernel * kernel);
  for (int64_t i = kiln_thread(); i < n * h * w * c; i += kiln_threads()) {
    int64_t pixel = kiln_div(i, c);
    int64_t line = kiln_div(pixel, w);
    int64_t sample = kiln_div(line, h);
    int64_t row = line - sample * h, column = pixel - line * w;
    int64_t first_row = row < kernel ? 0 : (row - kernel) / stride + 1;
    int64_t first_column = column < kernel ? 0 : (column - kernel) / stride + 1;
    float sum = 0;
    for (int64_t a = first_row; a < kiln_min(height, row / stride + 1); a++) {
      for (int64_t b = first_column; b < kiln_min(width, column / stride + 1); b++) {
        sum += share * dy[((sample * height + a) * width + b) * c + i - pixel * c];
      }
    }
    dx[i] = sum;
  }
}
KILN_REGISTER(kiln_avg_pool2d_grad);
