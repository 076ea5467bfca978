/* y [outer, middle, inner] from x [outer, inner]. Operation: Broadcast. */
#ifndef elem
#include <string.h>

#include "kernels.h"

#define KILN_BODY "broadcast.c"
#include "float_types.h"

void kiln_broadcast(int32_t bf16, const void *x, void *y, int64_t outer, int64_t middle, int64_t inner) {
  KILN_CALL_TYPED(bf16, broadcast, x, y, outer, middle, inner);
}

#else

static void TYPED(broadcast)(const elem *x, elem *y, int64_t outer, int64_t middle, int64_t inner) {
  int64_t n = outer * middle * inner;
  if (inner == 1) {
#pragma omp parallel for schedule(static) if (n > KILN_PARALLEL_MIN)
    for (int64_t o = 0; o < outer; o++) {
      elem value = x[o];
#pragma omp simd
      for (int64_t m = 0; m < middle; m++) y[o * middle + m] = value;
    }
  } else {
#pragma omp parallel for collapse(2) schedule(static) if (n > KILN_PARALLEL_MIN)
    for (int64_t o = 0; o < outer; o++) {
      for (int64_t m = 0; m < middle; m++) {
        memcpy(y + (o * middle + m) * inner, x + o * inner, (size_t)inner * sizeof(elem));
      }
    }
  }
}

#endif
