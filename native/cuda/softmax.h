/* The stable softmax of one row that a warp has. */
#ifndef KILN_CUDA_SOFTMAX_H
#define KILN_CUDA_SOFTMAX_H

#include "kiln.h"

/* The largest of n numbers at x. */
KILN_INLINE float kiln_row_max(const float *x, int64_t n, bool packed) {
  float largest = -INFINITY;
  kiln_each_column<float>(n, packed, [&](auto lanes, int64_t j) {
    auto v = kiln_read<lanes.count>(x + j);
    for (float e : v.at) largest = e > largest ? e : largest;
  });
  return kiln_warp_max(largest);
}

/* Sum of e^(x - largest). */
KILN_INLINE float kiln_row_exp_sum(const float *x, float largest, int64_t n, bool packed) {
  float sum = 0;
  kiln_each_column<float>(n, packed, [&](auto lanes, int64_t j) {
    auto v = kiln_read<lanes.count>(x + j);
    for (float e : v.at) sum += expf(e - largest);
  });
  return kiln_warp_sum(sum);
}

#endif
