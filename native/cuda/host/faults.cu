/* Kernels with the mistakes that the shim is there to find; they are only in its library, for its own tests. */
#include "../kernels.h"

KILN_BLOCKS kiln_fault_ended_threads(int32_t *y) {
  if (threadIdx.x < 7) return;
  __syncthreads();
  y[threadIdx.x] = 1;
}
KILN_REGISTER(kiln_fault_ended_threads);

KILN_BLOCKS kiln_fault_two_barriers(int32_t *y) {
  if (threadIdx.x < KILN_WARP) {
    __syncthreads();
  } else {
    __syncthreads();
  }
  y[threadIdx.x] = 1;
}
KILN_REGISTER(kiln_fault_two_barriers);

KILN_BLOCKS kiln_fault_divided_warp(int32_t *y) {
  int32_t sum = (int32_t)threadIdx.x;
  if (threadIdx.x % 2 == 0) sum = kiln_warp_sum(sum);
  y[threadIdx.x] = sum;
}
KILN_REGISTER(kiln_fault_divided_warp);

KILN_BLOCKS kiln_fault_partial_mask(int32_t *y) {
  y[threadIdx.x] = __shfl_xor_sync(0xffffu, (int32_t)threadIdx.x, 1);
}
KILN_REGISTER(kiln_fault_partial_mask);

KILN_BLOCKS kiln_fault_out_of_bounds(int32_t *y, int32_t index) {
  __shared__ int32_t values[KILN_WARP];
  if (threadIdx.x == 40) values[index] = 3;
  __syncthreads();
  y[threadIdx.x] = values[threadIdx.x % KILN_WARP];
}
KILN_REGISTER(kiln_fault_out_of_bounds);

/* Each thread takes its neighbour's number without waiting for it. */
KILN_BLOCKS kiln_fault_missing_barrier(int32_t *y) {
  __shared__ int32_t values[KILN_THREADS];
  values[threadIdx.x] = (int32_t)threadIdx.x;
  y[threadIdx.x] = values[(threadIdx.x + 1) % KILN_THREADS];
}
KILN_REGISTER(kiln_fault_missing_barrier);

/* The same as it should be. */
KILN_BLOCKS kiln_fault_none(int32_t *y) {
  __shared__ int32_t values[KILN_THREADS];
  values[threadIdx.x] = (int32_t)threadIdx.x;
  __syncthreads();
  y[threadIdx.x] = values[(threadIdx.x + 1) % KILN_THREADS];
}
KILN_REGISTER(kiln_fault_none);

KILN_BLOCKS kiln_fault_unwritten(float *y) {
  __shared__ float values[KILN_THREADS];
  if (threadIdx.x > 0) values[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = values[threadIdx.x];
}
KILN_REGISTER(kiln_fault_unwritten);

/* Not a mistake: sums over warps and block, votes, and barriers in loops of equal length. */
KILN_BLOCKS kiln_fault_free_sums(double *y) {
  __shared__ double of_warps[KILN_WARPS_PER_BLOCK];
  double sum = 0;
  for (int i = 0; i < 3; i++) sum += kiln_block_sum((double)threadIdx.x, of_warps);
  uint32_t votes = __ballot_sync(KILN_ALL_LANES, threadIdx.x % 3 == 0);
  __syncwarp();
  y[threadIdx.x] = sum + __popc(votes) + __shfl_sync(KILN_ALL_LANES, (double)threadIdx.x, 5);
}
KILN_REGISTER(kiln_fault_free_sums);
