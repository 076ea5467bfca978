/* Row n of x [n, size] where keep[n] is 1, else alternative [size]. Operation: SelectRows. */
#include <string.h>

#include "kernels.h"

void kiln_select_rows(const int32_t *x, const int32_t *alternative, const int32_t *keep, int32_t *y, int64_t n, int64_t size) {
  for (int64_t i = 0; i < n; i++) {
    memcpy(y + i * size, keep[i] == 1 ? x + i * size : alternative, (size_t)size * sizeof(int32_t));
  }
}
