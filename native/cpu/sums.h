/* Sums that are accurate, deterministic and fast: float32 over short runs, float64 over the runs. */
#ifndef KILN_SUMS_H
#define KILN_SUMS_H

#include "kiln.h"

/* Columns that are summed together: four registers of sixteen. */
#define KILN_TILE 64
/* Rows (or, along a row, groups of sixteen elements) that are summed in float32. */
#define KILN_RUN 64

/* total[j] += sum over i of x[i * stride + j], for j < width <= KILN_TILE. */
KILN_INLINE void kiln_add_columns_of_width(const float *restrict x, int64_t rows, int64_t stride, int64_t width,
                                           double *restrict total) {
  for (int64_t first = 0; first < rows; first += KILN_RUN) {
    int64_t end = kiln_min(first + KILN_RUN, rows);
    float part[KILN_TILE] = {0};
    for (int64_t i = first; i < end; i++) {
      const float *row = x + i * stride;
#pragma omp simd
      for (int64_t j = 0; j < width; j++) part[j] += row[j];
    }
#pragma omp simd
    for (int64_t j = 0; j < width; j++) total[j] += part[j];
  }
}

/* Calls f(…, width, …) with the usual widths as constants, for which the accumulators stay in registers. */
#define KILN_WITH_WIDTH(width, call)  \
  switch (width) {                    \
    case 64: call(64); break;         \
    case 48: call(48); break;         \
    case 32: call(32); break;         \
    default: call(width); break;      \
  }

static inline void kiln_add_columns(const float *x, int64_t rows, int64_t stride, int64_t width, double *total) {
#define CALL(constant) kiln_add_columns_of_width(x, rows, stride, constant, total)
  KILN_WITH_WIDTH(width, CALL)
#undef CALL
}

/* Sum of n contiguous elements. */
static inline double kiln_row_sum(const float *x, int64_t n) {
  double total = 0;
  for (int64_t first = 0; first < n; first += 16 * KILN_RUN) {
    int64_t end = kiln_min(first + 16 * KILN_RUN, n);
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int64_t i = first; i < end; i++) part += x[i];
    total += part;
  }
  return total;
}

/* Sum of a[i] * b[i]. */
static inline double kiln_row_dot(const float *a, const float *b, int64_t n) {
  double total = 0;
  for (int64_t first = 0; first < n; first += 16 * KILN_RUN) {
    int64_t end = kiln_min(first + 16 * KILN_RUN, n);
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int64_t i = first; i < end; i++) part += a[i] * b[i];
    total += part;
  }
  return total;
}

/* Sum of (x[i] - center)^2. */
static inline double kiln_row_square_deviation(const float *x, float center, int64_t n) {
  double total = 0;
  for (int64_t first = 0; first < n; first += 16 * KILN_RUN) {
    int64_t end = kiln_min(first + 16 * KILN_RUN, n);
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int64_t i = first; i < end; i++) part += (x[i] - center) * (x[i] - center);
    total += part;
  }
  return total;
}

#endif
