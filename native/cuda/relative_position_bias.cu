/* T5's attention bias and its gradient; float32. Operations: RelativePositionBias, RelativePositionBiasGrad.
 * buckets[key - query + lq - 1] is the bucket of a distance; table and dtable are [num_buckets, heads]. */
#include "kernels.h"

/* y [heads, lq, lk]. Items are elements. */
KILN_ELEMENTS kiln_relative_position_bias(const float *table, const int32_t *buckets, float *y, int64_t heads, int64_t lq,
                                          int64_t lk) {
  for (int64_t i = kiln_thread(); i < heads * lq * lk; i += kiln_threads()) {
    int64_t row = kiln_div(i, lk);
    int64_t head = kiln_div(row, lq);
    int64_t query = row - head * lq;
    y[i] = table[buckets[i - row * lk - query + lq - 1] * heads + head];
  }
}
KILN_REGISTER(kiln_relative_position_bias);

/* diagonals [heads, lq + lk - 1] of dy [heads, lq, lk]: all pairs of equal distance lie on one. Items are diagonals. */
KILN_ITEMS kiln_relative_position_diagonals(const float *dy, float *diagonals, int64_t heads, int64_t lq, int64_t lk) {
  int64_t distances = lq + lk - 1;
  for (int64_t i = kiln_thread(); i < heads * distances; i += kiln_threads()) {
    int64_t head = kiln_div(i, distances);
    int64_t shift = i - head * distances - (lq - 1); /* key - query */
    int64_t end = kiln_min(lq, lk - shift);
    float sum = 0;
    for (int64_t query = shift < 0 ? -shift : 0; query < end; query++) sum += dy[(head * lq + query) * lk + query + shift];
    diagonals[i] = sum;
  }
}
KILN_REGISTER(kiln_relative_position_diagonals);

/* dtable from the diagonals. An item is an element of it. */
KILN_WARPS kiln_relative_position_bias_grad(const float *diagonals, const int32_t *buckets, float *dtable, int64_t num_buckets,
                                            int64_t heads, int64_t lq, int64_t lk) {
  int64_t distances = lq + lk - 1;
  for (int64_t item = kiln_grid_warp(); item < num_buckets * heads; item += kiln_grid_warps()) {
    int64_t bucket = kiln_div(item, heads);
    const float *of_head = diagonals + (item - bucket * heads) * distances;
    float sum = 0;
    for (int64_t d = kiln_lane(); d < distances; d += KILN_WARP) {
      if (buckets[d] == bucket) sum += of_head[d];
    }
    sum = kiln_warp_sum(sum);
    if (kiln_lane() == 0) dtable[item] = sum;
  }
}
KILN_REGISTER(kiln_relative_position_bias_grad);
