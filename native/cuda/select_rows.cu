/* Row n of x [n, size] where keep[n] is 1, else alternative [size]. Operation: SelectRows. Items are elements. */
#include "kernels.h"

KILN_ELEMENTS kiln_select_rows(const int32_t *x, const int32_t *alternative, const int32_t *keep, int32_t *y, int64_t n,
                               int64_t size) {
  for (int64_t i = kiln_thread(); i < n * size; i += kiln_threads()) {
    int64_t row = kiln_div(i, size);
    y[i] = keep[row] == 1 ? x[i] : alternative[i - row * size];
  }
}
KILN_REGISTER(kiln_select_rows);
