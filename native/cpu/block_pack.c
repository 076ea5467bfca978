/* Packing and unpacking of blocks, for attention. */
#include "block_pack.h"

#include <string.h>

#include "bf16.h"
#include "vectors.h"

static const char *row_of(const kiln_rows *x, int64_t row) {
  return (const char *)x->data + row * x->step * (x->bf16 ? 2 : 4);
}

/* The tail of a row, completed with zero. */
KILN_INLINE kiln_words load_part(const char *x, int64_t bytes) {
  kiln_words part = {0};
  memcpy(&part, x, (size_t)bytes);
  return part;
}

void kiln_pack_rows(const kiln_rows *x, float *y, int64_t y_step) {
  int64_t bytes = x->width * (x->bf16 ? 2 : 4);
  int64_t whole = bytes / (int64_t)sizeof(kiln_words) * (int64_t)sizeof(kiln_words);
  for (int64_t row = 0; row < x->rows; row++) {
    const char *from = row_of(x, row);
    char *to = (char *)(y + row * y_step);
    for (int64_t at = 0; at < whole; at += (int64_t)sizeof(kiln_words)) {
      *(kiln_words_at *)(to + at) = *(const kiln_words_at *)(from + at);
    }
    if (whole < bytes) *(kiln_words_at *)(to + whole) = load_part(from + whole, bytes - whole);
  }
}

/* Rows 2i and 2i + 1 of the result are rows i and i + KILN_LANES / 2, element by element in turn; doing so as many times as
 * the number of lanes has bits transposes. */
KILN_INLINE void transpose_square(kiln_words *rows) {
#if KILN_LANES == 16
  const kiln_words low = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23};
#elif KILN_LANES == 8
  const kiln_words low = {0, 8, 1, 9, 2, 10, 3, 11};
#else
  const kiln_words low = {0, 4, 1, 5};
#endif
  const kiln_words high = low + KILN_LANES / 2;
  kiln_words turned[KILN_LANES];
#pragma GCC unroll 4
  for (int bit = 1; bit < KILN_LANES; bit *= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < KILN_LANES / 2; i++) {
      turned[2 * i] = __builtin_shuffle(rows[i], rows[i + KILN_LANES / 2], low);
      turned[2 * i + 1] = __builtin_shuffle(rows[i], rows[i + KILN_LANES / 2], high);
    }
#pragma GCC unroll 16
    for (int i = 0; i < KILN_LANES; i++) rows[i] = turned[i];
  }
}

/* Steps in bytes; columns of four bytes, the last of which the row may have only a part of. */
static void transpose(const char *x, int64_t x_step, int64_t rows, int64_t row_bytes, uint32_t *y, int64_t y_step) {
  int64_t columns = (row_bytes + 3) / 4;
  int64_t padded = kiln_ceil_div(rows, KILN_ROW) * KILN_ROW;
  for (int64_t row = 0; row < padded; row += KILN_LANES) {
    for (int64_t column = 0; column < columns; column += KILN_LANES) {
      kiln_words square[KILN_LANES];
      int64_t bytes = kiln_min(row_bytes - 4 * column, (int64_t)sizeof(kiln_words));
      int64_t filled = kiln_min(rows - row, KILN_LANES);
      const char *from = x + row * x_step + 4 * column;
      if (filled == KILN_LANES && bytes == (int64_t)sizeof(kiln_words)) {
#pragma GCC unroll 16
        for (int i = 0; i < KILN_LANES; i++) square[i] = *(const kiln_words_at *)(from + i * x_step);
      } else {
        for (int i = 0; i < KILN_LANES; i++) square[i] = i < filled ? load_part(from + i * x_step, bytes) : (kiln_words){0};
      }
      transpose_square(square);
      int64_t results = kiln_min(columns - column, KILN_LANES);
      for (int64_t i = 0; i < results; i++) *(kiln_words_at *)(y + (column + i) * y_step + row) = square[i];
    }
  }
}

void kiln_pack_transposed(const kiln_rows *x, float *y, int64_t y_step) {
  int64_t size = x->bf16 ? 2 : 4;
  transpose(x->data, x->step * size, x->rows, x->width * size, (uint32_t *)y, y_step);
}

void kiln_transpose(const void *x, int64_t x_step, int64_t rows, int64_t columns, void *y, int64_t y_step) {
  transpose(x, 4 * x_step, rows, 4 * columns, y, y_step);
}

static void interleave(const uint16_t *restrict first, const uint16_t *restrict second, uint32_t *restrict y, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; i++) y[i] = first[i] | (uint32_t)second[i] << 16;
}

static void widen_half(const uint16_t *restrict x, uint32_t *restrict y, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; i++) y[i] = x[i];
}

void kiln_pack_depth(const kiln_rows *x, float *y, int64_t y_step) {
  if (!x->bf16) {
    kiln_pack_rows(x, y, y_step);
    int64_t padded = kiln_ceil_div(x->width, KILN_ROW) * KILN_ROW;
    for (int64_t row = 0; row < x->rows; row++) {
      for (int64_t i = kiln_ceil_div(x->width, KILN_LANES) * KILN_LANES; i < padded; i++) y[row * y_step + i] = 0;
    }
    return;
  }
  for (int64_t row = 0; row < x->rows; row += 2) {
    uint32_t *to = (uint32_t *)(y + row / 2 * y_step);
    const uint16_t *first = (const uint16_t *)row_of(x, row);
    if (row + 1 < x->rows) {
      interleave(first, (const uint16_t *)row_of(x, row + 1), to, x->width);
    } else {
      widen_half(first, to, x->width);
    }
    for (int64_t i = x->width; i % KILN_ROW != 0; i++) to[i] = 0;
  }
}

void kiln_unpack_rows(const float *x, int64_t x_step, int64_t rows, int64_t width, const float *factors, float factor, void *y,
                      int64_t y_step, int bf16) {
  for (int64_t row = 0; row < rows; row++) {
    const float *from = x + row * x_step;
    float scale = factors == NULL ? factor : factors[row];
    if (bf16) {
      uint16_t *to = (uint16_t *)y + row * y_step;
#pragma omp simd
      for (int64_t i = 0; i < width; i++) to[i] = kiln_bf16_store(scale * from[i]);
    } else {
      float *to = (float *)y + row * y_step;
#pragma omp simd
      for (int64_t i = 0; i < width; i++) to[i] = scale * from[i];
    }
  }
}
