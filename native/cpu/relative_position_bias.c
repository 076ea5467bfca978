/* T5's attention bias and its gradient. Operations: RelativePositionBias, RelativePositionBiasGrad.
 * buckets[key - query + lq - 1] is the bucket of a distance; table and dtable are [num_buckets, heads]. */
#include "kernels.h"

/* y [heads, lq, lk] */
void kiln_relative_position_bias(const float *table, const int32_t *buckets, float *y, int64_t heads, int64_t lq, int64_t lk) {
#pragma omp parallel for collapse(2) schedule(static)
  for (int64_t h = 0; h < heads; h++) {
    for (int64_t q = 0; q < lq; q++) {
      const int32_t *bucket = buckets + lq - 1 - q;
      float *row = y + (h * lq + q) * lk;
      for (int64_t k = 0; k < lk; k++) row[k] = table[bucket[k] * heads + h];
    }
  }
}

/* dy [heads, lq, lk]; diagonals [heads, lq + lk - 1] is scratch: all pairs of equal distance lie on one diagonal of dy. */
void kiln_relative_position_bias_grad(const float *dy, const int32_t *buckets, float *dtable, float *diagonals,
                                      int64_t num_buckets, int64_t heads, int64_t lq, int64_t lk) {
  int64_t distances = lq + lk - 1;
#pragma omp parallel for schedule(static)
  for (int64_t h = 0; h < heads; h++) {
    float *sum = diagonals + h * distances;
    for (int64_t d = 0; d < distances; d++) sum[d] = 0;
    for (int64_t q = 0; q < lq; q++) {
      const float *row = dy + (h * lq + q) * lk;
      float *diagonal = sum + lq - 1 - q;
      for (int64_t k = 0; k < lk; k++) diagonal[k] += row[k];
    }
    for (int64_t b = 0; b < num_buckets; b++) dtable[b * heads + h] = 0;
    for (int64_t d = 0; d < distances; d++) dtable[buckets[d] * heads + h] += sum[d];
  }
}
