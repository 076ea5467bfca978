/* y = value. Operation: Fill. */
#include "kernels.h"

KILN_ELEMENTS kiln_fill(float *y, int64_t n, float value) {
  kiln_each<float>(n, kiln_aligned(y), [=](auto lanes, int64_t i) {
    kiln_floats<lanes.count> v;
    for (float &e : v.at) e = value;
    kiln_write(y + i, v);
  });
}
KILN_REGISTER(kiln_fill);
