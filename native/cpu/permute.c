/* Reorders the axes of a tensor of float32 or bfloat16. Operation: Permute.
 *
 * layout is 12 numbers: the six extents of the output, then, for every one of its axes, the stride in the input. The caller has
 * joined axes that stay neighbours and filled up with extents of 1 in front. Axis `unit` (< 5) is the one that is contiguous in
 * the input, or 5 if the last axis is. */
#ifndef elem
#include <string.h>

#include "kernels.h"

#define SIDE 16

#define KILN_BODY "permute.c"
#include "float_types.h"

void kiln_permute(int32_t bf16, const void *x, void *y, const int64_t *layout, int64_t unit) {
  KILN_CALL_TYPED(bf16, permute, x, y, layout, unit);
}

#else

/* y[i * y_stride + j] = x[i + j * x_stride] for i < rows, j < columns, in tiles that use whole cache lines of both. */
static void TYPED(transpose)(const elem *x, elem *y, int64_t rows, int64_t columns, int64_t x_stride, int64_t y_stride) {
  for (int64_t i0 = 0; i0 < rows; i0 += SIDE) {
    int64_t i1 = kiln_min(i0 + SIDE, rows);
    for (int64_t j0 = 0; j0 < columns; j0 += SIDE) {
      int64_t j1 = kiln_min(j0 + SIDE, columns);
      for (int64_t i = i0; i < i1; i++) {
        for (int64_t j = j0; j < j1; j++) y[i * y_stride + j] = x[i + j * x_stride];
      }
    }
  }
}

static void TYPED(permute)(const elem *x, elem *y, const int64_t *layout, int64_t unit) {
  int64_t extent[6], x_stride[6], y_stride[6];
  int64_t n = 1;
  for (int k = 5; k >= 0; k--) {
    extent[k] = layout[k];
    x_stride[k] = layout[6 + k];
    y_stride[k] = n;
    n *= extent[k];
  }
  int64_t rows = unit < 5 ? extent[unit] : 1;
  int64_t columns = extent[5];
  int64_t tasks = n / kiln_max(1, rows * columns);
  if (unit < 5) extent[unit] = 1;
#pragma omp parallel for schedule(static) if (n > KILN_PARALLEL_MIN)
  for (int64_t task = 0; task < tasks; task++) {
    int64_t from = 0, to = 0, rest = task;
    for (int k = 4; k >= 0; k--) {
      int64_t index = rest % extent[k];
      rest /= extent[k];
      from += index * x_stride[k];
      to += index * y_stride[k];
    }
    if (unit < 5) {
      TYPED(transpose)(x + from, y + to, rows, columns, x_stride[5], y_stride[unit]);
    } else {
      memcpy(y + to, x + from, (size_t)columns * sizeof(elem));
    }
  }
}

#endif
