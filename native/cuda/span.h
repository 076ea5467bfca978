/* Repeating b [outer, inner] along the middle of [outer, middle, inner]. */
#ifndef KILN_CUDA_SPAN_H
#define KILN_CUDA_SPAN_H

#include "kiln.h"

struct kiln_span {
  int64_t middle, inner;

  /* The element of b that belongs to element i of the whole. */
  __device__ __forceinline__ int64_t of(int64_t i) const {
    if (middle == 1) return i;
    if (inner == 1) return kiln_div(i, middle);
    int64_t row = kiln_div(i, inner);
    return kiln_div(row, middle) * inner + (i - row * inner);
  }

  /* Whether N elements from a multiple of N on belong to neighbours of b, or all to the same one. */
  __device__ __forceinline__ bool packs(int64_t count) const {
    return middle == 1 || (inner == 1 ? middle % count == 0 : inner % count == 0);
  }

  __device__ __forceinline__ bool repeats_one() const { return middle != 1 && inner == 1; }
};

/* N elements of b for those from i on of the whole. */
template <int N, typename T>
KILN_INLINE kiln_floats<N> kiln_read_span(const T *b, const kiln_span &span, int64_t i) {
  if (!span.repeats_one()) return kiln_read<N>(b + span.of(i));
  kiln_floats<N> v;
  float one = kiln_load(b[span.of(i)]);
  for (float &e : v.at) e = one;
  return v;
}

#endif
