/* Sum of squares in float64. The pieces and the order in which they are added depend on n only. */
#include "kernels.h"

#define PIECES 1024
#define ALIGNMENT 64

/* partial [1024]. An item is a piece: there are 1024. */
KILN_BLOCKS kiln_sum_of_squares_f32(const float *x, double *partial, int64_t n) {
  __shared__ double of_warps[KILN_WARPS_PER_BLOCK];
  int64_t length = kiln_ceil_div(kiln_ceil_div(n, PIECES), ALIGNMENT) * ALIGNMENT;
  for (int64_t piece = blockIdx.x; piece < PIECES; piece += gridDim.x) {
    int64_t begin = kiln_min(piece * length, n);
    int64_t end = kiln_min(begin + length, n);
    int64_t tail = kiln_aligned(x) ? begin + (end - begin) / 4 * 4 : begin;
    double sum = 0;
    for (int64_t i = begin + 4 * (int64_t)threadIdx.x; i < tail; i += 4 * KILN_THREADS) {
      kiln_floats<4> v = kiln_read<4>(x + i);
      for (float e : v.at) sum += (double)e * e;
    }
    for (int64_t i = tail + threadIdx.x; i < end; i += KILN_THREADS) sum += (double)x[i] * x[i];
    sum = kiln_block_sum(sum, of_warps);
    if (threadIdx.x == 0) partial[piece] = sum;
  }
}
KILN_REGISTER(kiln_sum_of_squares_f32);

/* One item. */
KILN_BLOCKS kiln_sum_of_squares_total(const double *partial, double *sum) {
  __shared__ double of_warps[KILN_WARPS_PER_BLOCK];
  if (blockIdx.x > 0) return;
  double total = 0;
  for (int i = (int)threadIdx.x; i < PIECES; i += KILN_THREADS) total += partial[i];
  total = kiln_block_sum(total, of_warps);
  if (threadIdx.x == 0) *sum = total;
}
KILN_REGISTER(kiln_sum_of_squares_total);
