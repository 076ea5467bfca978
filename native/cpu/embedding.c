/* Rows of a table [rows, c] by ids [n], and the gradient of the table. Operations: Embedding, EmbeddingGrad. */
#include <string.h>

#include "kernels.h"

static int64_t first_bad_id(const int32_t *ids, int64_t n, int64_t rows) {
  for (int64_t i = 0; i < n; i++) {
    if (ids[i] < 0 || ids[i] >= rows) return i;
  }
  return -1;
}

/* Returns the position of the first id that is no row of the table, before anything is written, or -1. */
int64_t kiln_embedding(const float *table, const int32_t *ids, float *y, int64_t n, int64_t rows, int64_t c) {
  int64_t bad = first_bad_id(ids, n, rows);
  if (bad >= 0) return bad;
#pragma omp parallel for schedule(static) if (n * c > KILN_PARALLEL_MIN)
  for (int64_t i = 0; i < n; i++) memcpy(y + i * c, table + ids[i] * c, (size_t)c * sizeof(float));
  return -1;
}

/* The row `padding` (-1: none) gets no gradient. Returns as kiln_embedding. Threads share the columns, not the ids: so every
 * sum has the order of the ids. */
int64_t kiln_embedding_grad(const int32_t *ids, const float *dy, float *dtable, int64_t n, int64_t rows, int64_t c,
                            int64_t padding) {
  int64_t bad = first_bad_id(ids, n, rows);
  if (bad >= 0) return bad;
  const int64_t tile = 64;
#pragma omp parallel for schedule(static) if (n * c > KILN_PARALLEL_MIN)
  for (int64_t first = 0; first < c; first += tile) {
    int64_t end = kiln_min(first + tile, c);
    for (int64_t r = 0; r < rows; r++) {
      for (int64_t j = first; j < end; j++) dtable[r * c + j] = 0;
    }
    for (int64_t i = 0; i < n; i++) {
      if (ids[i] == padding) continue;
      float *row = dtable + ids[i] * c;
#pragma omp simd
      for (int64_t j = first; j < end; j++) row[j] += dy[i * c + j];
    }
  }
  return -1;
}
