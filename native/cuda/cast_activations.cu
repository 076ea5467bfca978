/* float32 to bfloat16 and back, overflow to infinity without a word. Operation: Cast. */
#include "kernels.h"

KILN_ELEMENTS kiln_narrow(const float *x, uint16_t *y, int64_t n) {
  kiln_each<uint16_t>(n, kiln_aligned(x, y),
                      [=](auto lanes, int64_t i) { kiln_write(y + i, kiln_read<lanes.count>(x + i)); });
}
KILN_REGISTER(kiln_narrow);

KILN_ELEMENTS kiln_widen(const uint16_t *x, float *y, int64_t n) {
  kiln_each<uint16_t>(n, kiln_aligned(x, y),
                      [=](auto lanes, int64_t i) { kiln_write(y + i, kiln_read<lanes.count>(x + i)); });
}
KILN_REGISTER(kiln_widen);
