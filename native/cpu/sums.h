/* Sums that are accurate, deterministic and fast: float32 over short runs, float64 over the runs; for both types of
 * activations (see float_types.h). */
#ifndef elem
#ifndef KILN_SUMS_H
#define KILN_SUMS_H

#include "kiln.h"

/* Columns that are summed together: four registers of sixteen. */
#define KILN_TILE 64
/* Rows (or, along a row, groups of sixteen elements) that are summed in float32. */
#define KILN_RUN 64

/* Calls f(…, width, …) with the usual widths as constants, for which the accumulators stay in registers. */
#define KILN_WITH_WIDTH(width, call)  \
  switch (width) {                    \
    case 64: call(64); break;         \
    case 48: call(48); break;         \
    case 32: call(32); break;         \
    default: call(width); break;      \
  }

#define KILN_BODY "sums.h"
#include "float_types.h"

#endif
#else

/* total[j] += sum over i of x[i * stride + j], for j < width <= KILN_TILE. */
KILN_INLINE void TYPED(kiln_add_columns_of_width)(const elem *restrict x, int64_t rows, int64_t stride, int64_t width,
                                           double *restrict total) {
  for (int64_t first = 0; first < rows; first += KILN_RUN) {
    int64_t end = kiln_min(first + KILN_RUN, rows);
    float part[KILN_TILE] = {0};
    for (int64_t i = first; i < end; i++) {
      const elem *row = x + i * stride;
#pragma omp simd
      for (int64_t j = 0; j < width; j++) part[j] += LOAD(row[j]);
    }
#pragma omp simd
    for (int64_t j = 0; j < width; j++) total[j] += part[j];
  }
}

static inline void TYPED(kiln_add_columns)(const elem *x, int64_t rows, int64_t stride, int64_t width, double *total) {
#define CALL(constant) TYPED(kiln_add_columns_of_width)(x, rows, stride, constant, total)
  KILN_WITH_WIDTH(width, CALL)
#undef CALL
}

/* Sum of n contiguous elements. */
static inline double TYPED(kiln_row_sum)(const elem *x, int64_t n) {
  double total = 0;
  for (int64_t first = 0; first < n; first += 16 * KILN_RUN) {
    int64_t end = kiln_min(first + 16 * KILN_RUN, n);
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int64_t i = first; i < end; i++) part += LOAD(x[i]);
    total += part;
  }
  return total;
}

/* Sum of a[i] * b[i]. */
static inline double TYPED(kiln_row_dot)(const elem *a, const elem *b, int64_t n) {
  double total = 0;
  for (int64_t first = 0; first < n; first += 16 * KILN_RUN) {
    int64_t end = kiln_min(first + 16 * KILN_RUN, n);
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int64_t i = first; i < end; i++) part += LOAD(a[i]) * LOAD(b[i]);
    total += part;
  }
  return total;
}

/* Sum of (x[i] - center)^2. */
static inline double TYPED(kiln_row_square_deviation)(const elem *x, float center, int64_t n) {
  double total = 0;
  for (int64_t first = 0; first < n; first += 16 * KILN_RUN) {
    int64_t end = kiln_min(first + 16 * KILN_RUN, n);
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int64_t i = first; i < end; i++) part += (LOAD(x[i]) - center) * (LOAD(x[i]) - center);
    total += part;
  }
  return total;
}

#endif
