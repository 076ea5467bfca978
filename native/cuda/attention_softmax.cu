/* The middle of attention where it is made of products: softmax of scores with bias and mask, and its gradient. Operations:
 * Attention, AttentionGrad. Scores are [batch, heads, lq, lk], float32; the probabilities p and the gradient ds of the scores
 * have the type of the activations, as they are factors of products. A warp has a row.
 *
 *   scores = q k', then p, then y = p v;
 *   dp = dy v', then ds, then dq = scale ds k, dk = scale ds' q, dv = p' dy; the bias' gradient is ds. */
#include <float.h>

#include "kernels.h"

/* What a dropped key scores: finite, so that a row whose keys are all dropped attends evenly. */
#define DROPPED (-FLT_MAX)

/* A row of scores with what belongs to it; bias and mask may be NULL. */
struct score_row {
  const float *scores, *bias;
  const int32_t *mask;
  int64_t bias_step, mask_step;
  float scale;

  __device__ __forceinline__ float at(int64_t key) const {
    if (mask && mask[key * mask_step] == 0) return DROPPED;
    float score = scores[key] * scale + (bias ? bias[key * bias_step] : 0.0f);
    return score < DROPPED ? DROPPED : score; /* a bias may drop keys too */
  }
};

/* p, which may be the scores if it is float32, and the logarithm of every row's sum of exponentials [batch, heads, lq]. An item
 * is a row. */
KILN_WARPS kiln_attention_softmax(int32_t bf16, const float *scores, const float *bias, const int32_t *mask, void *p,
                                  float *log_sum_exp, kiln_scores shape, float scale) {
  int64_t rows = shape.batch * shape.heads * shape.lq;
  for (int64_t r = kiln_grid_warp(); r < rows; r += kiln_grid_warps()) {
    int64_t head = kiln_div(r, shape.lq), batch = kiln_div(head, shape.heads);
    int64_t query = r - head * shape.lq;
    head -= batch * shape.heads;
    const int64_t *bs = shape.bias_strides, *ms = shape.mask_strides;
    const float *of_row = bias ? bias + batch * bs[0] + head * bs[1] + query * bs[2] : bias;
    const int32_t *keep = mask ? mask + batch * ms[0] + head * ms[1] + query * ms[2] : mask;
    score_row row = {scores + r * shape.lk, of_row, keep, bs[3], ms[3], scale};
    float largest = DROPPED;
    for (int64_t key = kiln_lane(); key < shape.lk; key += KILN_WARP) {
      float score = row.at(key);
      largest = score > largest || score != score ? score : largest;
    }
    largest = kiln_warp_max(largest);
    float sum = 0;
    for (int64_t key = kiln_lane(); key < shape.lk; key += KILN_WARP) sum += expf(row.at(key) - largest);
    sum = kiln_warp_sum(sum);
    float share = 1.0f / sum;
    kiln_typed(bf16, [&](auto type) {
      typedef typename decltype(type)::type T;
      T *out = (T *)p + r * shape.lk;
      for (int64_t key = kiln_lane(); key < shape.lk; key += KILN_WARP) {
        kiln_store(out + key, expf(row.at(key) - largest) * share);
      }
    });
    if (kiln_lane() == 0) log_sum_exp[r] = largest + logf(sum);
  }
}
KILN_REGISTER(kiln_attention_softmax);

/* ds [rows, lk] = p * (dp - sum of p * dp), which may be p, or dp if it is float32. An item is a row. */
KILN_WARPS kiln_attention_softmax_grad(int32_t bf16, const void *p, const float *dp, void *ds, int64_t rows, int64_t lk) {
  kiln_typed(bf16, [&](auto type) {
    typedef typename decltype(type)::type T;
    bool packed = kiln_aligned(p, dp, ds) && lk % kiln_pack<T>::count == 0;
    for (int64_t r = kiln_grid_warp(); r < rows; r += kiln_grid_warps()) {
      const T *of_row = (const T *)p + r * lk;
      const float *slopes = dp + r * lk;
      float dot = 0;
      kiln_each_column<T>(lk, packed, [&](auto lanes, int64_t key) {
        auto v = kiln_read<lanes.count>(of_row + key);
        auto d = kiln_read<lanes.count>(slopes + key);
        for (int k = 0; k < lanes.count; k++) dot += v.at[k] * d.at[k];
      });
      dot = kiln_warp_sum(dot);
      kiln_each_column<T>(lk, packed, [&](auto lanes, int64_t key) {
        auto v = kiln_read<lanes.count>(of_row + key);
        auto d = kiln_read<lanes.count>(slopes + key);
        for (int k = 0; k < lanes.count; k++) v.at[k] *= d.at[k] - dot;
        kiln_write((T *)ds + r * lk + key, v);
      });
    }
  });
}
KILN_REGISTER(kiln_attention_softmax_grad);
