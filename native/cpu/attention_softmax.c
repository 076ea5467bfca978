/* The softmax between the two products of attention, and its gradient. Operations: Attention, AttentionGrad. */
#include "softmax.h"

#include "kernels.h"

/* Places of a row's extras in a tensor that is broadcast to [batch, heads, lq, lk]: an axis of extent 1 has stride 0. */
static inline int64_t row_offset(const int64_t *strides, int64_t b, int64_t h, int64_t q) {
  return b * strides[0] + h * strides[1] + q * strides[2];
}

/* s = scale * s + bias, -infinity where the mask is 0. The key strides are 0 or 1. */
static inline void scores(float *s, int64_t lk, float scale, const float *bias, int64_t bias_stride, const int32_t *mask,
                          int64_t mask_stride) {
  if (bias == NULL) {
#pragma omp simd
    for (int64_t k = 0; k < lk; k++) s[k] *= scale;
  } else if (bias_stride == 0) {
    float shift = bias[0];
#pragma omp simd
    for (int64_t k = 0; k < lk; k++) s[k] = scale * s[k] + shift;
  } else {
#pragma omp simd
    for (int64_t k = 0; k < lk; k++) s[k] = scale * s[k] + bias[k];
  }
  if (mask != NULL && mask_stride == 0) {
    if (mask[0] == 0) {
      for (int64_t k = 0; k < lk; k++) s[k] = -INFINITY;
    }
  } else if (mask != NULL) {
#pragma omp simd
    for (int64_t k = 0; k < lk; k++) s[k] = mask[k] == 0 ? -INFINITY : s[k];
  }
}

static inline void softmax(float *s, int64_t lk) {
  float max = kiln_row_max(s, lk);
  if (max == -INFINITY) { /* no key is left: attend evenly */
    for (int64_t k = 0; k < lk; k++) s[k] = 1.0f / (float)lk;
    return;
  }
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t k = 0; k < lk; k++) {
    float e = kiln_exp(s[k] - max);
    s[k] = e;
    sum += e;
  }
  float inverse = 1.0f / sum;
#pragma omp simd
  for (int64_t k = 0; k < lk; k++) s[k] *= inverse;
}

/*
 * s [batch, heads, lq, lk], in place, for count entries of the batch from first on: softmax over lk of scale * s + bias, keys
 * with mask 0 left out. bias and mask may be NULL; their strides are for batch, heads, lq and lk.
 */
void kiln_attention_softmax(float *s, int64_t first, int64_t count, int64_t heads, int64_t lq, int64_t lk, float scale,
                            const float *bias, const int64_t *bias_strides, const int32_t *mask,
                            const int64_t *mask_strides) {
#pragma omp parallel for collapse(3) schedule(static)
  for (int64_t b = first; b < first + count; b++) {
    for (int64_t h = 0; h < heads; h++) {
      for (int64_t q = 0; q < lq; q++) {
        float *row = s + ((b * heads + h) * lq + q) * lk;
        const float *row_bias = bias == NULL ? NULL : bias + row_offset(bias_strides, b, h, q);
        const int32_t *row_mask = mask == NULL ? NULL : mask + row_offset(mask_strides, b, h, q);
        scores(row, lk, scale, row_bias, bias_strides[3], row_mask, mask_strides[3]);
        softmax(row, lk);
      }
    }
  }
}

/* p, d [rows, lk]; in count rows from first on, d is the gradient of the probabilities p and becomes that of the scores:
 * p * (d - sum(d * p)). */
void kiln_attention_softmax_grad(const float *p, float *d, int64_t first, int64_t count, int64_t lk) {
#pragma omp parallel for schedule(static)
  for (int64_t i = first; i < first + count; i++) {
    const float *pi = p + i * lk;
    float *di = d + i * lk;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t k = 0; k < lk; k++) sum += pi[k] * di[k];
#pragma omp simd
    for (int64_t k = 0; k < lk; k++) di[k] = pi[k] * (di[k] - sum);
  }
}
