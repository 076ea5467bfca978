/* Cyclic shift of a tensor of 4-byte elements: element i of an axis goes to (i + shift) mod extent. Operation: Roll.
 *
 * layout is 12 numbers: six extents (filled up with 1 in front), then the shift of each axis, in [0, extent). */
#include <string.h>

#include "kernels.h"

void kiln_roll(const float *x, float *y, const int64_t *layout) {
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
    const float *in = x + row * columns;
    float *out = y + to * columns;
    memcpy(out + shift[5], in, (size_t)(columns - shift[5]) * sizeof(float));
    memcpy(out, in + columns - shift[5], (size_t)shift[5] * sizeof(float));
  }
}
