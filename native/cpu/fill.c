/* y = value. Operation: Fill. */
#include "kernels.h"

void kiln_fill(float *y, int64_t n, float value) {
#pragma omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) y[i] = value;
}
