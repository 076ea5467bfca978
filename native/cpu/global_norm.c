/* Sum of squares in double. The pieces and the order in which they are added depend on n only, so the result is the same bits
 * for any number of threads. */
#include "kernels.h"

#define PIECES 1024
#define ALIGNMENT 64

double kiln_sum_of_squares_f32(const float *x, int64_t n) {
  double sums[PIECES];
  int64_t length = ((n + PIECES - 1) / PIECES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
#pragma omp parallel for schedule(static)
  for (int64_t piece = 0; piece < PIECES; piece++) {
    int64_t end = (piece + 1) * length < n ? (piece + 1) * length : n;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = piece * length; i < end; i++) sum += (double)x[i] * x[i];
    sums[piece] = sum;
  }
  double total = 0;
  for (int piece = 0; piece < PIECES; piece++) total += sums[piece];
  return total;
}
