/* Bias and mask of attention's scores, read by strides from tensors that are broadcast to [batch, heads, lq, lk]. */
#include "attention_extras.h"

#include "vectors.h"

/* What is added for a bias: not less than what a dropped key scores, so that a bias may drop keys too. */
KILN_INLINE float bias_score(float bias) {
  float score = KILN_LOG2_E * bias;
  return score < KILN_DROPPED ? KILN_DROPPED : score;
}

KILN_INLINE float with_mask(int32_t mask, float score) { return mask == 0 ? KILN_DROPPED : score; }

/* The place of an extra, which may be NULL, for the first key of a block and one of its queries. */
static const void *part(const int64_t *strides, const void *data, const kiln_block *block, int64_t query) {
  if (data == NULL) return NULL;
  return (const int32_t *)data + kiln_offset(strides, block->b, block->h, block->first_query + query, block->first_key);
}

/* Brings an extra that differs between queries to [keys, KILN_BLOCK queries]; returns the step between keys, which is 0 if all
 * keys have the same. */
static int64_t spread_out(const int64_t *strides, const void *data, const kiln_block *block, void *y) {
  const int32_t *x = part(strides, data, block, 0);
  if (strides[3] != 0) {
    kiln_transpose(x, strides[2], block->queries, block->keys, y, KILN_BLOCK);
    return KILN_BLOCK;
  }
  for (int64_t q = 0; q < block->queries; q++) ((int32_t *)y)[q] = x[q * strides[2]];
  return 0;
}

static void bias_by_key(const kiln_attention_shape *s, const float *bias, const kiln_block *block, float *scores,
                        float *spread) {
  int same_for_queries = s->bias_strides[2] == 0;
  const float *of_keys = part(s->bias_strides, bias, block, 0);
  int64_t step = same_for_queries ? 0 : spread_out(s->bias_strides, bias, block, spread);
  for (int64_t k = 0; k < block->keys; k++) {
    float *row = scores + k * KILN_BLOCK;
    if (same_for_queries) {
      float score = bias_score(of_keys[k * s->bias_strides[3]]);
#pragma omp simd
      for (int64_t q = 0; q < block->queries; q++) row[q] += score;
    } else {
      const float *of_queries = spread + k * step;
#pragma omp simd
      for (int64_t q = 0; q < block->queries; q++) row[q] += bias_score(of_queries[q]);
    }
  }
}

static void mask_by_key(const kiln_attention_shape *s, const int32_t *mask, const kiln_block *block, float *scores,
                        int32_t *spread) {
  int same_for_queries = s->mask_strides[2] == 0;
  const int32_t *of_keys = part(s->mask_strides, mask, block, 0);
  int64_t step = same_for_queries ? 0 : spread_out(s->mask_strides, mask, block, spread);
  for (int64_t k = 0; k < block->keys; k++) {
    float *row = scores + k * KILN_BLOCK;
    if (same_for_queries) {
      int drops = of_keys[k * s->mask_strides[3]] == 0;
      for (int64_t q = 0; drops && q < block->queries; q++) row[q] = KILN_DROPPED;
    } else {
      const int32_t *of_queries = spread + k * step;
#pragma omp simd
      for (int64_t q = 0; q < block->queries; q++) row[q] = with_mask(of_queries[q], row[q]);
    }
  }
}

void kiln_extras_by_key(const kiln_attention_shape *s, const kiln_extras *x, const kiln_block *block, float *scores,
                        float *spread) {
  if (x->bias != NULL) bias_by_key(s, x->bias, block, scores, spread);
  if (x->mask != NULL) mask_by_key(s, x->mask, block, scores, (int32_t *)spread);
}

static void bias_row(const float *bias, int64_t bias_step, float *row, int64_t keys) {
  if (bias_step == 0) {
    float score = bias_score(*bias);
#pragma omp simd
    for (int64_t k = 0; k < keys; k++) row[k] += score;
  } else {
#pragma omp simd
    for (int64_t k = 0; k < keys; k++) row[k] += bias_score(bias[k]);
  }
}

static void mask_row(const int32_t *mask, int64_t mask_step, float *row, int64_t keys) {
  if (mask_step == 0) {
    for (int64_t k = 0; k < keys && *mask == 0; k++) row[k] = KILN_DROPPED;
  } else {
#pragma omp simd
    for (int64_t k = 0; k < keys; k++) row[k] = with_mask(mask[k], row[k]);
  }
}

void kiln_extras_by_query(const kiln_attention_shape *s, const kiln_extras *x, const kiln_block *block, float *scores,
                          int64_t step) {
  if (x->bias == NULL && x->mask == NULL) return;
  for (int64_t q = 0; q < block->queries; q++) {
    float *row = scores + q * step;
    const float *bias = part(s->bias_strides, x->bias, block, q);
    const int32_t *mask = part(s->mask_strides, x->mask, block, q);
    if (x->bias != NULL && x->mask != NULL && s->bias_strides[3] == 1 && s->mask_strides[3] == 1) {
#pragma omp simd
      for (int64_t k = 0; k < block->keys; k++) row[k] = with_mask(mask[k], row[k] + bias_score(bias[k]));
    } else {
      if (x->bias != NULL) bias_row(bias, s->bias_strides[3], row, block->keys);
      if (x->mask != NULL) mask_row(mask, s->mask_strides[3], row, block->keys);
    }
  }
}
