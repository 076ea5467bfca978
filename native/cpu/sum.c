/* y [outer, inner] = sum of x [outer, middle, inner] over the middle; y is float32 whatever x is. Operation: Sum. */
#ifndef elem
#include "kernels.h"
#include "sums.h"

/* Columns of one task. */
#define BLOCK 4096

#define KILN_BODY "sum.c"
#include "float_types.h"

void kiln_sum(int32_t bf16, const void *x, float *y, double *partial, int64_t outer, int64_t middle, int64_t inner,
              int64_t chunk) {
  KILN_CALL_TYPED(bf16, sum, x, y, partial, outer, middle, inner, chunk);
}

#else

/* total[j] = sum over rows of x[i * inner + j] for the width <= KILN_TILE columns that start at x. */
static void TYPED(tile_sums)(const elem *x, int64_t rows, int64_t inner, int64_t width, double *total) {
  for (int64_t j = 0; j < width; j++) total[j] = 0;
  if (width < inner || 2 * inner > KILN_TILE) {
    TYPED(kiln_add_columns)(x, rows, inner, width, total);
    return;
  }
  /* Rows are short: several of them are taken as one, to fill the registers, and folded at the end. */
  if (inner == 1) {
    *total = TYPED(kiln_row_sum)(x, rows);
    return;
  }
  int64_t together = KILN_TILE / inner;
  double wide[KILN_TILE] = {0};
  TYPED(kiln_add_columns)(x, rows / together, together * inner, together * inner, wide);
  for (int64_t k = 0; k < together; k++) {
    for (int64_t j = 0; j < inner; j++) total[j] += wide[k * inner + j];
  }
  for (int64_t i = rows / together * together; i < rows; i++) {
    for (int64_t j = 0; j < inner; j++) total[j] += LOAD(x[i * inner + j]);
  }
}

/* partial [outer, ceil(middle / chunk), inner] is scratch; not read or written if there is only one chunk. */
static void TYPED(sum)(const elem *x, float *y, double *partial, int64_t outer, int64_t middle, int64_t inner,
                       int64_t chunk) {
  int64_t chunks = kiln_max(1, kiln_ceil_div(middle, chunk));
  int64_t blocks = kiln_ceil_div(inner, BLOCK);
  int parallel = outer * middle * inner > KILN_PARALLEL_MIN;
#pragma omp parallel for collapse(3) schedule(static) if (parallel)
  for (int64_t o = 0; o < outer; o++) {
    for (int64_t c = 0; c < chunks; c++) {
      for (int64_t b = 0; b < blocks; b++) {
        int64_t rows = kiln_min(chunk, middle - c * chunk);
        int64_t end = kiln_min((b + 1) * BLOCK, inner);
        for (int64_t first = b * BLOCK; first < end; first += KILN_TILE) {
          int64_t width = kiln_min(KILN_TILE, end - first);
          double total[KILN_TILE];
          TYPED(tile_sums)(x + (o * middle + c * chunk) * inner + first, rows, inner, width, total);
          if (chunks == 1) {
            for (int64_t j = 0; j < width; j++) y[o * inner + first + j] = (float)total[j];
          } else {
            for (int64_t j = 0; j < width; j++) partial[(o * chunks + c) * inner + first + j] = total[j];
          }
        }
      }
    }
  }
  if (chunks == 1) return;
#pragma omp parallel for collapse(2) schedule(static) if (outer * chunks * inner > KILN_PARALLEL_MIN)
  for (int64_t o = 0; o < outer; o++) {
    for (int64_t j = 0; j < inner; j++) {
      double total = 0;
      for (int64_t c = 0; c < chunks; c++) total += partial[(o * chunks + c) * inner + j];
      y[o * inner + j] = (float)total;
    }
  }
}

#endif
