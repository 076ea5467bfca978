/* Copies of equal blocks from one stride to another: how tensors are joined, cut and padded along an axis. All sizes are in
 * bytes. Operations: Concat, Slice, Pad. */
#include <string.h>

#include "kernels.h"

void kiln_copy_blocks(const char *x, char *y, int64_t count, int64_t block, int64_t x_start, int64_t x_stride, int64_t y_start,
                      int64_t y_stride) {
#pragma omp parallel for schedule(static) if (count > 1 && count * block > 4 * KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < count; i++) memcpy(y + y_start + i * y_stride, x + x_start + i * x_stride, (size_t)block);
}

/* y [count] of before + block + after bytes each, zero around the blocks of x. */
void kiln_pad_blocks(const char *x, char *y, int64_t count, int64_t before, int64_t block, int64_t after) {
#pragma omp parallel for schedule(static) if (count > 1 && count * block > 4 * KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < count; i++) {
    char *out = y + i * (before + block + after);
    memset(out, 0, (size_t)before);
    memcpy(out + before, x + i * block, (size_t)block);
    memset(out + before + block, 0, (size_t)after);
  }
}
