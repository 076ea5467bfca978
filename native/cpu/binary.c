/* y = a + b, a - b or a * b, where a is [outer, middle, inner] and b is [outer, inner]. Operation: Binary. */
#ifndef elem
#include "kernels.h"

enum { ADD, SUB, MUL }; /* in the order of kiln.model.op.Binary.Kind */

/* One run of n elements; b is as long, or, if b_step is 0, one number. */
#define KILN_RUN_OF(operator)                                                                            \
  if (b_step) {                                                                                          \
    _Pragma("omp simd") for (int64_t i = 0; i < n; i++) y[i] = STORE(LOAD(a[i]) operator LOAD(b[i]));    \
  } else {                                                                                               \
    float scalar = LOAD(b[0]);                                                                           \
    _Pragma("omp simd") for (int64_t i = 0; i < n; i++) y[i] = STORE(LOAD(a[i]) operator scalar);        \
  }

#define KILN_BODY "binary.c"
#include "float_types.h"

void kiln_binary(int32_t bf16, int32_t kind, const void *a, const void *b, void *y, int64_t outer, int64_t middle,
                 int64_t inner) {
  KILN_CALL_TYPED(bf16, binary, kind, a, b, y, outer, middle, inner);
}

#else

static void TYPED(run)(int32_t kind, const elem *a, const elem *b, elem *y, int64_t n, int b_step) {
  switch (kind) {
    case ADD: KILN_RUN_OF(+) break;
    case SUB: KILN_RUN_OF(-) break;
    default: KILN_RUN_OF(*) break;
  }
}

static void TYPED(binary)(int32_t kind, const elem *a, const elem *b, elem *y, int64_t outer, int64_t middle,
                          int64_t inner) {
  int64_t n = outer * middle * inner;
  if (middle == 1) {
    const int64_t block = 4096;
#pragma omp parallel for schedule(static) if (n > KILN_PARALLEL_MIN)
    for (int64_t i = 0; i < n; i += block) TYPED(run)(kind, a + i, b + i, y + i, kiln_min(block, n - i), 1);
  } else if (inner == 1) {
#pragma omp parallel for schedule(static) if (n > KILN_PARALLEL_MIN)
    for (int64_t o = 0; o < outer; o++) TYPED(run)(kind, a + o * middle, b + o, y + o * middle, middle, 0);
  } else {
#pragma omp parallel for collapse(2) schedule(static) if (n > KILN_PARALLEL_MIN)
    for (int64_t o = 0; o < outer; o++) {
      for (int64_t m = 0; m < middle; m++) {
        int64_t at = (o * middle + m) * inner;
        TYPED(run)(kind, a + at, b + o * inner, y + at, inner, 1);
      }
    }
  }
}

#endif
