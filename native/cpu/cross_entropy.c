/* Cross-entropy of logits [rows, c] against labels [rows], with label smoothing, and its gradient. Rows labelled `ignore` count
 * nothing; the mean is over the others (0 / 0 if there are none, as in PyTorch). Operations: CrossEntropy, CrossEntropyGrad. */
#include "kernels.h"
#include "softmax.h"
#include "sums.h"

enum { NONE, SUM, MEAN }; /* in the order of kiln.model.op.CrossEntropy.Reduction */

static int64_t first_bad_label(const int32_t *labels, int64_t rows, int64_t c, int32_t ignore) {
  for (int64_t r = 0; r < rows; r++) {
    if (labels[r] != ignore && (labels[r] < 0 || labels[r] >= c)) return r;
  }
  return -1;
}

static int64_t count_rows(const int32_t *labels, int64_t rows, int32_t ignore) {
  int64_t count = 0;
  for (int64_t r = 0; r < rows; r++) count += labels[r] != ignore;
  return count;
}

/* losses [rows] is scratch unless the reduction is NONE, then it is the result and loss is not used. Returns the first row
 * whose label is no class, before anything is written, or -1. */
int64_t kiln_cross_entropy(const float *logits, const int32_t *labels, float *losses, float *loss, int64_t rows, int64_t c,
                           int32_t ignore, float smoothing, int32_t reduction) {
  int64_t bad = first_bad_label(labels, rows, c, ignore);
  if (bad >= 0) return bad;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    if (labels[r] == ignore) {
      losses[r] = 0;
      continue;
    }
    const float *x = logits + r * c;
    float largest = kiln_row_max(x, c);
    double log_sum = log((double)kiln_row_exp_sum(x, largest, c)) + (double)largest;
    double value = (1.0 - (double)smoothing) * (log_sum - (double)x[labels[r]]);
    if (smoothing != 0.0f) value += (double)smoothing * (log_sum - kiln_row_sum_f32(x, c) / (double)c);
    losses[r] = (float)value;
  }
  if (reduction != NONE) {
    double total = kiln_row_sum_f32(losses, rows);
    *loss = (float)(reduction == SUM ? total : total / (double)count_rows(labels, rows, ignore));
  }
  return -1;
}

/* dy is [rows] if the reduction is NONE, else one number. Returns as kiln_cross_entropy. */
int64_t kiln_cross_entropy_grad(const float *logits, const int32_t *labels, const float *dy, float *dx, int64_t rows, int64_t c,
                                int32_t ignore, float smoothing, int32_t reduction) {
  int64_t bad = first_bad_label(labels, rows, c, ignore);
  if (bad >= 0) return bad;
  float share = reduction == MEAN ? 1.0f / (float)count_rows(labels, rows, ignore) : 1.0f;
#pragma omp parallel for schedule(static) if (rows * c > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    const float *x = logits + r * c;
    float *out = dx + r * c;
    if (labels[r] == ignore) {
      for (int64_t j = 0; j < c; j++) out[j] = 0;
      continue;
    }
    float upstream = share * (reduction == NONE ? dy[r] : dy[0]);
    float largest = kiln_row_max(x, c);
    float scale = 1.0f / kiln_row_exp_sum(x, largest, c);
    float spread = smoothing / (float)c;
#pragma omp simd
    for (int64_t j = 0; j < c; j++) out[j] = upstream * (kiln_exp(x[j] - largest) * scale - spread);
    out[labels[r]] -= upstream * (1.0f - smoothing);
  }
  return -1;
}
