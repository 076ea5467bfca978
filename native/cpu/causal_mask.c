/* What a decoder may look at. Operation: CausalMask. */
#include "kernels.h"

/* y [length, length]: 1 where key <= query, else 0 */
void kiln_causal_mask(int32_t *y, int64_t length) {
#pragma omp parallel for schedule(static) if (length * length > KILN_PARALLEL_MIN)
  for (int64_t q = 0; q < length; q++) {
    for (int64_t k = 0; k < length; k++) y[q * length + k] = k <= q;
  }
}
