/* Bias and mask of attention's scores. */
#ifndef KILN_ATTENTION_EXTRAS_H
#define KILN_ATTENTION_EXTRAS_H

#include "attention.h"

#pragma GCC visibility push(hidden)

/* A block of scores of one head in scratch memory. */
typedef struct {
  int64_t b, h, first_query, queries, first_key, keys;
} kiln_block;

/* Adds the bias to, and drops masked keys from, scores [keys, KILN_BLOCK queries]; spread is scratch of that size. */
void kiln_extras_by_key(const kiln_attention_shape *s, const kiln_extras *x, const kiln_block *block, float *scores,
                        float *spread);

/* The same for scores [queries, keys], rows of step elements. */
void kiln_extras_by_query(const kiln_attention_shape *s, const kiln_extras *x, const kiln_block *block, float *scores,
                          int64_t step);

#pragma GCC visibility pop

#endif
