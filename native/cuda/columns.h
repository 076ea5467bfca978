/* How a block goes through neighbouring rows: packs of N columns lie along the threads, and where a row is shorter than a block,
 * several rows are worked on together, so that a warp always reads neighbouring memory. */
#ifndef KILN_CUDA_COLUMNS_H
#define KILN_CUDA_COLUMNS_H

#include "kiln.h"

/* A chunk of the s rows of one of several samples. */
struct kiln_chunk {
  int64_t sample, begin, end;
};

KILN_INLINE kiln_chunk kiln_chunk_of(int64_t item, int64_t s, int64_t chunk) {
  int64_t chunks = kiln_ceil_div(s, chunk);
  int64_t begin = item % chunks * chunk;
  return {item / chunks, begin, kiln_min(begin + chunk, s)};
}

/* Where a thread stands in a tile of columns. */
struct kiln_place {
  int64_t column; /* the first of its N columns, or -1 if the thread has none */
  int row;        /* it takes rows row, row + rows, … */
  int rows;
  int width;      /* packs of the tile */
};

/* The tile of up to KILN_THREADS packs that starts at pack `first` of `packs`. */
template <int N>
KILN_INLINE kiln_place kiln_place_in(int64_t first, int64_t packs) {
  kiln_place p;
  p.width = (int)kiln_min(KILN_THREADS, packs - first);
  p.rows = KILN_THREADS / p.width;
  p.row = (int)threadIdx.x / p.width;
  p.column = p.row < p.rows ? (first + (int)threadIdx.x % p.width) * N : -1;
  return p;
}

/* Of every column, K sums over the rows of a tile, which the threads have in parts: put(k, column, sum). All threads call it.
 * shared has K * N * KILN_THREADS floats. */
template <int K, int N, typename F>
KILN_INLINE void kiln_fold_rows(const kiln_place &p, const kiln_floats<N> (&parts)[K], int64_t first, float *shared, F put) {
  __syncthreads(); /* what the tile before left there may still be being read */
  if (p.column >= 0) {
#pragma unroll
    for (int k = 0; k < K; k++) {
#pragma unroll
      for (int i = 0; i < N; i++) shared[((k * p.rows + p.row) * p.width + (int)threadIdx.x % p.width) * N + i] = parts[k].at[i];
    }
  }
  __syncthreads();
  int columns = p.width * N;
  for (int at = (int)threadIdx.x; at < K * columns; at += KILN_THREADS) {
    int k = at / columns;
    int column = at - k * columns;
    float sum = 0;
    for (int row = 0; row < p.rows; row++) sum += shared[(k * p.rows + row) * columns + column];
    put(k, first * N + column, sum);
  }
}

#endif
