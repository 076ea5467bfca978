/* Softmax of rows [rows, c] or its logarithm, and the gradients; float32. Operations: Softmax, SoftmaxGrad. A warp has a row; y
 * may be x, and dx may be y or dy. */
#include "softmax.h"

#include "kernels.h"

/* An item is a row. */
KILN_WARPS kiln_softmax(const float *x, float *y, int64_t rows, int64_t c, int32_t log) {
  bool packed = kiln_aligned(x, y) && c % 4 == 0;
  for (int64_t r = kiln_grid_warp(); r < rows; r += kiln_grid_warps()) {
    const float *in = x + r * c;
    float *out = y + r * c;
    float largest = kiln_row_max(in, c, packed);
    float sum = kiln_row_exp_sum(in, largest, c, packed);
    float shift = logf(sum);
    float scale = 1.0f / sum;
    kiln_each_column<float>(c, packed, [&](auto lanes, int64_t j) {
      auto v = kiln_read<lanes.count>(in + j);
      for (float &e : v.at) e = log ? (e - largest) - shift : expf(e - largest) * scale;
      kiln_write(out + j, v);
    });
  }
}
KILN_REGISTER(kiln_softmax);

/* An item is a row. */
KILN_WARPS kiln_softmax_grad(const float *y, const float *dy, float *dx, int64_t rows, int64_t c, int32_t log) {
  bool packed = kiln_aligned(y, dy, dx) && c % 4 == 0;
  for (int64_t r = kiln_grid_warp(); r < rows; r += kiln_grid_warps()) {
    const float *p = y + r * c;
    const float *d = dy + r * c;
    float sum = 0; /* of d if log, else of p * d */
    kiln_each_column<float>(c, packed, [&](auto lanes, int64_t j) {
      auto v = kiln_read<lanes.count>(p + j);
      auto e = kiln_read<lanes.count>(d + j);
      for (int k = 0; k < lanes.count; k++) sum += log ? e.at[k] : v.at[k] * e.at[k];
    });
    sum = kiln_warp_sum(sum);
    kiln_each_column<float>(c, packed, [&](auto lanes, int64_t j) {
      auto v = kiln_read<lanes.count>(p + j);
      auto e = kiln_read<lanes.count>(d + j);
      for (int k = 0; k < lanes.count; k++) v.at[k] = log ? e.at[k] - expf(v.at[k]) * sum : v.at[k] * (e.at[k] - sum);
      kiln_write(dx + r * c + j, v);
    });
  }
}
KILN_REGISTER(kiln_softmax_grad);
