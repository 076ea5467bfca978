/* a * gelu(b) for the halves a, b of every row, and its gradient. Operations: Geglu, GegluGrad. x [rows, 2 * width]. */
#include "kernels.h"
#include "vector_math.h"

/* Asks for a row ahead of time: the processor does not see by itself that the two halves and the result are steady streams. */
KILN_INLINE void prefetch(const float *row, int64_t n) {
  for (int64_t i = 0; i < n; i += 16) __builtin_prefetch(row + i);
}

void kiln_geglu(const float *x, float *y, int64_t rows, int64_t width) {
#pragma omp parallel for schedule(static) if (rows * width > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    const float *a = x + r * 2 * width;
    const float *b = a + width;
    float *out = y + r * width;
    prefetch(a + 2 * width, 2 * width);
#pragma omp simd
    for (int64_t i = 0; i < width; i++) out[i] = a[i] * kiln_gelu(b[i]);
  }
}

void kiln_geglu_grad(const float *x, const float *dy, float *dx, int64_t rows, int64_t width) {
#pragma omp parallel for schedule(static) if (rows * width > KILN_PARALLEL_MIN)
  for (int64_t r = 0; r < rows; r++) {
    const float *a = x + r * 2 * width;
    const float *b = a + width;
    const float *d = dy + r * width;
    prefetch(a + 2 * width, 2 * width);
    prefetch(d + width, width);
    float *da = dx + r * 2 * width;
    float *db = da + width;
#pragma omp simd
    for (int64_t i = 0; i < width; i++) {
      float density;
      float below = kiln_normal(b[i], &density);
      da[i] = d[i] * (b[i] * below);
      db[i] = d[i] * a[i] * (below + b[i] * density);
    }
  }
}
