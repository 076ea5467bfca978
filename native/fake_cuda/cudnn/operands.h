/* The tensors of an operation: what it reads, of which the second may be null, and what it writes. */
#ifndef KILN_FAKE_CUDNN_OPERANDS_H
#define KILN_FAKE_CUDNN_OPERANDS_H

#include "cudnn.h"

typedef struct {
  const tensor *a, *b, *to;
} operands;

operands operands_of(const state *operation);

#endif
