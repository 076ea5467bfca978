/* Bias and mask of attention's scores, read by strides from tensors that are broadcast to [batch, heads, lq, lk]. */
#include "attention_extras.h"

#include "vectors.h"

/* What is added for a bias: not less than what a dropped key scores, so that a bias may drop keys too. */
KILN_INLINE float bias_score(float bias) {
  float score = KILN_LOG2_E * bias;
  return score < KILN_DROPPED ? KILN_DROPPED : score;
}

/* Brings the part of an extra that belongs to a block to [keys, KILN_BLOCK queries]; returns the step between keys, which is 0
 * if all keys have the same. */
static int64_t spread_out(const int64_t *strides, const void *data, const kiln_block *block, uint32_t *y) {
  const uint32_t *x =
      (const uint32_t *)data + kiln_offset(strides, block->b, block->h, block->first_query, block->first_key);
  if (strides[3] == 0) {
    for (int64_t q = 0; q < block->queries; q++) y[q] = x[q * strides[2]];
    return 0;
  }
  if (strides[2] == 0) {
    for (int64_t k = 0; k < block->keys; k++) {
#pragma omp simd
      for (int64_t q = 0; q < KILN_BLOCK; q++) y[k * KILN_BLOCK + q] = x[k];
    }
  } else {
    kiln_transpose(x, strides[2], block->queries, block->keys, y, KILN_BLOCK);
  }
  return KILN_BLOCK;
}

void kiln_extras_by_key(const kiln_attention_shape *s, const kiln_extras *x, const kiln_block *block, float *scores,
                        float *spread) {
  if (x->bias != NULL) {
    int64_t step = spread_out(s->bias_strides, x->bias, block, (uint32_t *)spread);
    for (int64_t k = 0; k < block->keys; k++) {
      const float *bias = spread + k * step;
      float *row = scores + k * KILN_BLOCK;
#pragma omp simd
      for (int64_t q = 0; q < block->queries; q++) row[q] += bias_score(bias[q]);
    }
  }
  if (x->mask != NULL) {
    int64_t step = spread_out(s->mask_strides, x->mask, block, (uint32_t *)spread);
    for (int64_t k = 0; k < block->keys; k++) {
      const int32_t *mask = (const int32_t *)spread + k * step;
      float *row = scores + k * KILN_BLOCK;
#pragma omp simd
      for (int64_t q = 0; q < block->queries; q++) row[q] = mask[q] == 0 ? KILN_DROPPED : row[q];
    }
  }
}

void kiln_extras_by_query(const kiln_attention_shape *s, const kiln_extras *x, const kiln_block *block, float *scores) {
  for (int64_t q = 0; q < block->queries; q++) {
    float *row = scores + q * KILN_BLOCK;
    if (x->bias != NULL) {
      int64_t query = block->first_query + q;
      const float *bias = x->bias + kiln_offset(s->bias_strides, block->b, block->h, query, block->first_key);
      if (s->bias_strides[3] == 0) {
        float score = bias_score(*bias);
#pragma omp simd
        for (int64_t k = 0; k < block->keys; k++) row[k] += score;
      } else {
#pragma omp simd
        for (int64_t k = 0; k < block->keys; k++) row[k] += bias_score(bias[k]);
      }
    }
    if (x->mask != NULL) {
      int64_t query = block->first_query + q;
      const int32_t *mask = x->mask + kiln_offset(s->mask_strides, block->b, block->h, query, block->first_key);
      int64_t step = s->mask_strides[3];
      if (step == 0) {
        for (int64_t k = 0; k < block->keys && *mask == 0; k++) row[k] = KILN_DROPPED;
      } else {
#pragma omp simd
        for (int64_t k = 0; k < block->keys; k++) row[k] = mask[k] == 0 ? KILN_DROPPED : row[k];
      }
    }
  }
}
