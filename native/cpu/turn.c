/* y[j][i] = x[i][j] + bias[i]: the transpose of a product that was computed the other way round, because its large factor is
 * read fastest as the left one. x is float32. Operations: MatMul and Conv2d of few rows. */
#ifndef elem
#include "kernels.h"

#define TILE 16 /* rows worked on at a time: one line of the cache in y */

#define KILN_BODY "turn.c"
#include "float_types.h"

void kiln_turn(int32_t bf16, const float *x, const float *bias, void *y, int64_t rows, int64_t columns) {
  KILN_CALL_TYPED(bf16, turn, x, bias, y, rows, columns);
}

#else

static void TYPED(turn)(const float *x, const float *bias, elem *y, int64_t rows, int64_t columns) {
#pragma omp parallel for schedule(static) if (rows * columns > KILN_PARALLEL_MIN)
  for (int64_t first = 0; first < rows; first += TILE) {
    const int64_t count = kiln_min(TILE, rows - first);
    for (int64_t j = 0; j < columns; j++) {
      for (int64_t i = first; i < first + count; i++) {
        float sum = x[i * columns + j] + (bias ? bias[i] : 0.0f);
        y[j * rows + i] = STORE(sum);
      }
    }
  }
}

#endif
