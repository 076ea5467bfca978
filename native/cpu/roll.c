/* Cyclic shift of a tensor of float32 or bfloat16: element i of an axis goes to (i + shift) mod extent. Operation: Roll.
 *
 * layout is 12 numbers: six extents (filled up with 1 in front), then the shift of each axis, in [0, extent). */
#ifndef elem
#include <string.h>

#include "kernels.h"

#define KILN_BODY "roll.c"
#include "float_types.h"

void kiln_roll(int32_t bf16, const void *x, void *y, const int64_t *layout) {
  KILN_CALL_TYPED(bf16, roll, x, y, layout);
}

#else

static void TYPED(roll)(const elem *x, elem *y, const int64_t *layout) {
  const int64_t *extent = layout;
  const int64_t *shift = layout + 6;
  int64_t columns = extent[5];
  int64_t rows = 1;
  for (int k = 0; k < 5; k++) rows *= extent[k];
#pragma omp parallel for schedule(static) if (rows * columns > KILN_PARALLEL_MIN)
  for (int64_t row = 0; row < rows; row++) {
    int64_t to = 0, rest = row, stride = 1;
    for (int k = 4; k >= 0; k--) {
      to += (rest % extent[k] + shift[k]) % extent[k] * stride;
      rest /= extent[k];
      stride *= extent[k];
    }
    const elem *in = x + row * columns;
    elem *out = y + to * columns;
    memcpy(out + shift[5], in, (size_t)(columns - shift[5]) * sizeof(elem));
    memcpy(out, in + columns - shift[5], (size_t)shift[5] * sizeof(elem));
  }
}

#endif
