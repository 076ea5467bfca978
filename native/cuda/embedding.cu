/* Rows of a table [rows, c] by ids [n], and the gradient of the table; float32. Operations: Embedding, EmbeddingGrad. */
#include "kernels.h"

/* y [n, c]. *bad becomes the position of the first id that is no row of the table, see kiln_report; its row is NaN. Items are
 * elements. */
KILN_ELEMENTS kiln_embedding(const float *table, const int32_t *ids, float *y, unsigned long long *bad, int64_t n, int64_t rows,
                             int64_t c) {
  kiln_each<float>(n * c, kiln_aligned(table, y) && c % 4 == 0, [=](auto lanes, int64_t i) {
    int64_t position = kiln_div(i, c);
    int64_t column = i - position * c;
    int32_t id = ids[position];
    kiln_floats<lanes.count> v;
    if (id >= 0 && id < rows) {
      v = kiln_read<lanes.count>(table + id * c + column);
    } else {
      for (float &e : v.at) e = NAN;
      if (column == 0) kiln_report(bad, position);
    }
    kiln_write(y + i, v);
  });
}
KILN_REGISTER(kiln_embedding);

/* dtable [rows, c]; the row `padding` (-1: none) gets no gradient. Blocks share the rows of the table, threads the columns, and
 * everyone goes through the ids: so every sum has the order of the ids. *bad as in kiln_embedding. An item is a row. */
KILN_BLOCKS kiln_embedding_grad(const int32_t *ids, const float *dy, float *dtable, unsigned long long *bad, int64_t n,
                                int64_t rows, int64_t c, int64_t padding) {
  __shared__ uint32_t found[KILN_WARPS_PER_BLOCK]; /* which of the ids that the block has before it are the row */
  __shared__ int32_t places[KILN_THREADS];         /* where these are, in order */
  for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    for (int64_t first = 0; first < c; first += KILN_THREADS) {
      int64_t column = first + threadIdx.x;
      float sum = 0;
      for (int64_t start = 0; start < n; start += KILN_THREADS) {
        int64_t i = start + threadIdx.x;
        int32_t id = i < n ? ids[i] : -1;
        if (i < n && (id < 0 || id >= rows)) kiln_report(bad, i);
        bool is_row = i < n && id == row && row != padding;
        uint32_t votes = __ballot_sync(KILN_ALL_LANES, is_row);
        if (kiln_lane() == 0) found[kiln_warp()] = votes;
        __syncthreads(); /* now nobody reads the places before any more */
        int before = __popc(votes & ((1u << kiln_lane()) - 1)), count = 0;
        for (int w = 0; w < KILN_WARPS_PER_BLOCK; w++) {
          if (w == kiln_warp()) before += count;
          count += __popc(found[w]);
        }
        if (is_row) places[before] = (int32_t)threadIdx.x;
        __syncthreads();
        if (column < c) {
#pragma unroll 4
          for (int k = 0; k < count; k++) sum += dy[(start + places[k]) * c + column];
        }
      }
      if (column < c) dtable[row * c + column] = sum;
    }
  }
}
KILN_REGISTER(kiln_embedding_grad);
