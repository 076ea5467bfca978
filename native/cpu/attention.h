/* What attention's forward and backward pass share: the sizes, the places of heads, and the extras of the scores. Scores are
 * kept in units of ln 2, so that their exponential is a power of two. */
#ifndef KILN_ATTENTION_H
#define KILN_ATTENTION_H

#include "block_pack.h"
#include "block_product.h"

#define KILN_LOG2_E 1.44269504088896341f
#define KILN_LN_2 0.693147180559945309f

/* The score of a dropped key, in units of ln 2: finite, so that a row whose keys are all dropped attends evenly. */
#define KILN_DROPPED (-1e38f)

/* Queries of a block of scores; forward, keys as well. */
#define KILN_BLOCK 64

/* AttentionShape.java writes it: q [batch, lq, heads * d], k [batch, lk, heads * d], v [batch, lk, heads * dv]. The strides
 * place the extras on [batch, heads, lq, lk]: 0 along an axis that they are repeated over, and the last is 0 or 1. */
typedef struct {
  int64_t batch, heads, lq, lk, d, dv;
  int64_t bias_strides[4], mask_strides[4];
  int64_t bias_batch; /* extent of the batch in the bias: 0 if there is none, 1 or batch */
  int64_t bf16, threads;
} kiln_attention_shape;

/* The pointers are NULL where there is no bias or no mask. */
typedef struct {
  const float *bias;
  const int32_t *mask;
} kiln_extras;

KILN_INLINE int kiln_is_bf16(const kiln_attention_shape *s) { return s->bf16 != 0; }

/* Rows from first on, of one head of a tensor [batch, length, heads * width]. */
KILN_INLINE kiln_rows kiln_head(const kiln_attention_shape *s, const void *x, int64_t length, int64_t width, int64_t b, int64_t h,
                                int64_t first, int64_t rows) {
  int64_t at = ((b * length + first) * s->heads + h) * width;
  return (kiln_rows){(const char *)x + at * (s->bf16 ? 2 : 4), s->heads * width, rows, width, kiln_is_bf16(s)};
}

KILN_INLINE int64_t kiln_offset(const int64_t *strides, int64_t b, int64_t h, int64_t q, int64_t k) {
  return b * strides[0] + h * strides[1] + q * strides[2] + k * strides[3];
}

/* Scratch memory dealt out in pieces that start at 64 bytes of alignment. */
typedef struct {
  char *next;
} kiln_scratch;

KILN_INLINE float *kiln_take(kiln_scratch *scratch, int64_t elements) {
  float *piece = (float *)scratch->next;
  scratch->next += kiln_ceil_div(elements, 16) * 64;
  return piece;
}

#endif
