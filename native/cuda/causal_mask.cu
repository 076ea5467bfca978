/* What a decoder may look at. Operation: CausalMask. Items are elements. */
#include "kernels.h"

/* y [length, length]: 1 where key <= query, else 0 */
KILN_ELEMENTS kiln_causal_mask(int32_t *y, int64_t length) {
  for (int64_t i = kiln_thread(); i < length * length; i += kiln_threads()) {
    int64_t query = kiln_div(i, length);
    y[i] = i - query * length <= query;
  }
}
KILN_REGISTER(kiln_causal_mask);
