/* Cyclic shift of a tensor of float32 or bfloat16: element i of an axis goes to (i + shift) mod extent. Operation: Roll. layout
 * is what native/cpu/roll.c has: six extents, then the shift of each axis, in [0, extent). Items are elements. */
#include "kernels.h"

KILN_ELEMENTS kiln_roll(int32_t bf16, const void *x, void *y, kiln_layout layout) {
  int64_t n = 1;
  for (int k = 0; k < 6; k++) n *= layout.extent[k];
  for (int64_t i = kiln_thread(); i < n; i += kiln_threads()) {
    int64_t from = 0, rest = i, stride = 1;
    for (int k = 5; k >= 0; k--) {
      int64_t next = kiln_div(rest, layout.extent[k]);
      int64_t index = rest - next * layout.extent[k] - layout.other[k];
      from += (index < 0 ? index + layout.extent[k] : index) * stride;
      stride *= layout.extent[k];
      rest = next;
    }
    if (bf16) {
      ((uint16_t *)y)[i] = ((const uint16_t *)x)[from];
    } else {
      ((uint32_t *)y)[i] = ((const uint32_t *)x)[from];
    }
  }
}
KILN_REGISTER(kiln_roll);
