/* a * gelu(b) for the halves a, b of every row, and its gradient. Operations: Geglu, GegluGrad. x [rows, 2 * width]. */
#ifndef elem
#include "kernels.h"
#include "vector_math.h"

#define KILN_BODY "geglu.c"
#include "float_types.h"

void kiln_geglu(int32_t bf16, const void *x, void *y, int64_t rows, int64_t width) {
  KILN_CALL_TYPED(bf16, geglu, x, y, rows, width);
}

void kiln_geglu_grad(int32_t bf16, const void *x, const void *dy, void *dx, int64_t rows, int64_t width) {
  KILN_CALL_TYPED(bf16, geglu_grad, x, dy, dx, rows, width);
}

#else

/* Asks for a row ahead of time: the processor does not see by itself that the two halves and the result are steady streams. */
KILN_INLINE void TYPED(prefetch)(const elem *row, int64_t n) {
  for (int64_t i = 0; i < n; i += (int64_t)(64 / sizeof(elem))) __builtin_prefetch(row + i);
}

static void TYPED(geglu)(const elem *x, elem *y, int64_t rows, int64_t width) {
#pragma omp parallel for schedule(static) if (rows * width > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    const elem *a = x + r * 2 * width;
    const elem *b = a + width;
    elem *out = y + r * width;
    TYPED(prefetch)(a + 2 * width, 2 * width);
#pragma omp simd
    for (int64_t i = 0; i < width; i++) out[i] = STORE(LOAD(a[i]) * kiln_gelu(LOAD(b[i])));
  }
}

static void TYPED(geglu_grad)(const elem *x, const elem *dy, elem *dx, int64_t rows, int64_t width) {
#pragma omp parallel for schedule(static) if (rows * width > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    const elem *a = x + r * 2 * width;
    const elem *b = a + width;
    const elem *d = dy + r * width;
    TYPED(prefetch)(a + 2 * width, 2 * width);
    TYPED(prefetch)(d + width, width);
    elem *da = dx + r * 2 * width;
    elem *db = da + width;
#pragma omp simd
    for (int64_t i = 0; i < width; i++) {
      float density;
      float value = LOAD(a[i]); /* before it is written: dx may be x */
      float gate = LOAD(b[i]);
      float slope = LOAD(d[i]);
      float below = kiln_normal(gate, &density);
      da[i] = STORE(slope * (gate * below));
      db[i] = STORE(slope * value * (below + gate * density));
    }
  }
}

#endif
