/* Cross-entropy of logits [rows, c] against labels [rows], with label smoothing, and its gradient; float32. Rows labelled
 * `ignore` count nothing; the mean is over the others (0 / 0 if there are none). Operations: CrossEntropy, CrossEntropyGrad. */
#include "kernels.h"
#include "softmax.h"

enum { NONE, SUM, MEAN }; /* in the order of kiln.model.op.CrossEntropy.Reduction */

/* losses [rows]. *bad becomes the first row whose label is no class, see kiln_report; its loss is NaN. An item is a row. */
KILN_WARPS kiln_cross_entropy(const float *logits, const int32_t *labels, float *losses, unsigned long long *bad, int64_t rows,
                              int64_t c, int32_t ignore, float smoothing) {
  bool packed = kiln_aligned(logits) && c % 4 == 0;
  for (int64_t r = kiln_grid_warp(); r < rows; r += kiln_grid_warps()) {
    int32_t label = labels[r];
    bool counts = label != ignore;
    bool valid = label >= 0 && label < c;
    if (!counts || !valid) { /* the same for all lanes */
      if (kiln_lane() == 0) {
        losses[r] = counts ? NAN : 0.0f;
        if (counts) kiln_report(bad, r);
      }
      continue;
    }
    const float *x = logits + r * c;
    float largest = kiln_row_max(x, c, packed);
    double log_sum = log((double)kiln_row_exp_sum(x, largest, c, packed)) + (double)largest;
    double value = (1.0 - (double)smoothing) * (log_sum - (double)x[label]);
    if (smoothing != 0.0f) {
      double sum = 0;
      for (int64_t j = kiln_lane(); j < c; j += KILN_WARP) sum += x[j];
      value += (double)smoothing * (log_sum - kiln_warp_sum(sum) / (double)c);
    }
    if (kiln_lane() == 0) losses[r] = (float)value;
  }
}
KILN_REGISTER(kiln_cross_entropy);

/* loss: the sum or the mean of losses. One item. */
KILN_BLOCKS kiln_cross_entropy_total(const float *losses, const int32_t *labels, float *loss, int64_t rows, int32_t ignore,
                                     int32_t reduction) {
  __shared__ double of_warps[KILN_WARPS_PER_BLOCK];
  if (blockIdx.x > 0) return;
  double sum = 0, count = 0;
  for (int64_t r = threadIdx.x; r < rows; r += KILN_THREADS) {
    sum += losses[r];
    count += labels[r] != ignore;
  }
  sum = kiln_block_sum(sum, of_warps);
  count = kiln_block_sum(count, of_warps);
  if (threadIdx.x == 0) *loss = (float)(reduction == SUM ? sum : sum / count);
}
KILN_REGISTER(kiln_cross_entropy_total);

/* share: what the gradient of every row is multiplied by, 1 / (number of rows that count) for a mean. One item. */
KILN_BLOCKS kiln_cross_entropy_share(const int32_t *labels, float *share, int64_t rows, int32_t ignore, int32_t reduction) {
  __shared__ double of_warps[KILN_WARPS_PER_BLOCK];
  if (blockIdx.x > 0) return;
  double count = 0;
  for (int64_t r = threadIdx.x; r < rows; r += KILN_THREADS) count += labels[r] != ignore;
  count = kiln_block_sum(count, of_warps);
  if (threadIdx.x == 0) *share = reduction == MEAN ? 1.0f / (float)count : 1.0f;
}
KILN_REGISTER(kiln_cross_entropy_share);

/* dx, which may be the logits; dy is [rows] if the reduction is NONE, else one number. *bad as in kiln_cross_entropy; the
 * gradient of such a row is NaN. An item is a row. */
KILN_WARPS kiln_cross_entropy_grad(const float *logits, const int32_t *labels, const float *dy, const float *share, float *dx,
                                   unsigned long long *bad, int64_t rows, int64_t c, int32_t ignore, float smoothing,
                                   int32_t reduction) {
  bool packed = kiln_aligned(logits, dx) && c % 4 == 0;
  for (int64_t r = kiln_grid_warp(); r < rows; r += kiln_grid_warps()) {
    int32_t label = labels[r];
    bool counts = label != ignore;
    bool valid = label >= 0 && label < c;
    const float *x = logits + r * c;
    float *out = dx + r * c;
    if (!counts || !valid) {
      for (int64_t j = kiln_lane(); j < c; j += KILN_WARP) out[j] = counts ? NAN : 0.0f;
      if (counts && kiln_lane() == 0) kiln_report(bad, r);
      continue;
    }
    float upstream = *share * (reduction == NONE ? dy[r] : dy[0]);
    float largest = kiln_row_max(x, c, packed);
    float scale = 1.0f / kiln_row_exp_sum(x, largest, c, packed);
    float spread = smoothing / (float)c;
    kiln_each_column<float>(c, packed, [&](auto lanes, int64_t j) {
      auto v = kiln_read<lanes.count>(x + j);
      for (int k = 0; k < lanes.count; k++) {
        float target = spread + (j + k == label ? 1.0f - smoothing : 0.0f);
        v.at[k] = upstream * (expf(v.at[k] - largest) * scale - target);
      }
      kiln_write(out + j, v);
    });
  }
}
KILN_REGISTER(kiln_cross_entropy_grad);
