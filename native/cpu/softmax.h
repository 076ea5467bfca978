/* The stable softmax of one row, shared by softmax.c and cross_entropy.c. */
#ifndef KILN_SOFTMAX_H
#define KILN_SOFTMAX_H

#include "kiln.h"
#include "vector_math.h"

static inline float kiln_row_max(const float *x, int64_t n) {
  float largest = -INFINITY;
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

/* Sum of e^(x - largest). */
static inline float kiln_row_exp_sum(const float *x, float largest, int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; i++) sum += kiln_exp(x[i] - largest);
  return sum;
}

#endif
