/* Resampling of uint8 [rows, columns, 3]: across, then down, each a weighted sum per output, rounded to uint8 and cut to 0 to 255 in
 * between, as Pillow's Resample.c does. One thread: pictures are prepared side by side. Operation: data's Resampler, which is the
 * reference.
 *
 * Across, sixteen rows are turned so that one value of each lies in one vector, and turned back afterwards; down, rows lie as
 * they are wanted. */
#include <string.h>

#include "kernels.h"
#include "vectors.h"

#if defined(__AVX2__) && !defined(__AVX512F__)
#include <immintrin.h>
#endif

#define ROWS 16
#define PARTS (ROWS / KILN_LANES)

typedef uint8_t bytes __attribute__((vector_size(ROWS)));
typedef uint8_t bytes_at __attribute__((vector_size(ROWS), aligned(1), may_alias));

/* One value of each of ROWS rows. */
typedef struct {
  kiln_floats part[PARTS];
} floats;

/* [ROWS, ROWS] to its transpose: four times the first half of the rows is interleaved with the second. */
KILN_INLINE void turn(bytes *x) {
  const bytes low = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23};
  const bytes high = {8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  for (int stage = 0; stage < 4; stage++) {
    bytes y[ROWS];
    for (int i = 0; i < ROWS / 2; i++) {
      y[2 * i] = __builtin_shuffle(x[i], x[i + ROWS / 2], low);
      y[2 * i + 1] = __builtin_shuffle(x[i], x[i + ROWS / 2], high);
    }
    memcpy(x, y, sizeof y);
  }
}

KILN_INLINE kiln_floats widen(const uint8_t *x) {
#if defined(__AVX512F__)
  return (kiln_floats)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)x)));
#elif defined(__AVX2__)
  return (kiln_floats)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)x)));
#else
  kiln_floats y;
  for (int i = 0; i < KILN_LANES; i++) y[i] = x[i];
  return y;
#endif
}

/* Halves are rounded up; y is KILN_LANES bytes. */
KILN_INLINE void narrow(kiln_floats x, uint8_t *y) {
#if defined(__AVX512F__)
  __m512i rounded = _mm512_max_epi32(_mm512_cvttps_epi32((__m512)(x + 0.5f)), _mm512_setzero_si512());
  _mm_storeu_si128((__m128i *)y, _mm512_cvtusepi32_epi8(rounded));
#elif defined(__AVX2__)
  __m256i rounded = _mm256_cvttps_epi32((__m256)(x + 0.5f));
  __m128i halves = _mm_packus_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
  _mm_storel_epi64((__m128i *)y, _mm_packus_epi16(halves, halves));
#else
  for (int i = 0; i < KILN_LANES; i++) {
    int32_t rounded = (int32_t)(x[i] + 0.5f);
    y[i] = (uint8_t)(rounded < 0 ? 0 : rounded > 255 ? 255 : rounded);
  }
#endif
}

/* in: ROWS pointers to `count` bytes; turned [count, ROWS]. */
static void turn_in(const uint8_t *const *in, floats *turned, int64_t count) {
  for (int64_t i = 0; i < count; i += ROWS) {
    int64_t at = i + ROWS <= count ? i : kiln_max(0, count - ROWS); /* the last ones overlap, rather than lie outside */
    bytes block[ROWS];
    for (int row = 0; row < ROWS; row++) {
      if (count >= ROWS) {
        block[row] = *(const bytes_at *)(in[row] + at);
      } else {
        block[row] = (bytes){0};
        memcpy(&block[row], in[row], (size_t)count);
      }
    }
    turn(block);
    int64_t valid = kiln_min(ROWS, count);
    for (int64_t k = 0; k < valid; k++) {
      const uint8_t *rows = (const uint8_t *)&block[k];
      for (int part = 0; part < PARTS; part++) turned[at + k].part[part] = widen(rows + part * KILN_LANES);
    }
  }
}

/* turned [count, ROWS] to `rows` rows of `count` bytes, `stride` apart. */
static void turn_out(const bytes *turned, uint8_t *out, int64_t rows, int64_t stride, int64_t count) {
  for (int64_t i = 0; i < count; i += ROWS) {
    int64_t valid = kiln_min(ROWS, count - i);
    bytes block[ROWS] = {{0}};
    memcpy(block, turned + i, (size_t)valid * sizeof(bytes));
    turn(block);
    for (int64_t row = 0; row < rows; row++) memcpy(out + row * stride + i, &block[row], (size_t)valid);
  }
}

static void across(const uint8_t *x, int64_t x_stride, uint8_t *y, int64_t rows, int64_t columns, int64_t width,
                   const int32_t *spans, const float *weights, int64_t taps, char *scratch) {
  floats *turned = (floats *)scratch;
  bytes *resized = (bytes *)(turned + 3 * columns);
  for (int64_t first = 0; first < rows; first += ROWS) {
    int64_t valid = kiln_min(ROWS, rows - first);
    const uint8_t *in[ROWS];
    for (int64_t row = 0; row < ROWS; row++) in[row] = x + (first + kiln_min(row, valid - 1)) * x_stride;
    turn_in(in, turned, 3 * columns);
    for (int64_t i = 0; i < width; i++) {
      const floats *at = turned + 3 * spans[2 * i];
      const float *weight = weights + i * taps;
      uint8_t *out = (uint8_t *)(resized + 3 * i);
      for (int part = 0; part < PARTS; part++) {
        kiln_floats red = {0}, green = {0}, blue = {0};
        for (int32_t k = 0; k < spans[2 * i + 1]; k++) {
          red += weight[k] * at[3 * k].part[part];
          green += weight[k] * at[3 * k + 1].part[part];
          blue += weight[k] * at[3 * k + 2].part[part];
        }
        narrow(red, out + part * KILN_LANES);
        narrow(green, out + ROWS + part * KILN_LANES);
        narrow(blue, out + 2 * ROWS + part * KILN_LANES);
      }
    }
    turn_out(resized, y + first * 3 * width, valid, 3 * width, 3 * width);
  }
}

/* out[i] for i < vectors * KILN_LANES, the weighted sum of rows. */
KILN_INLINE void down_tile(const uint8_t *x, int64_t x_stride, uint8_t *out, int32_t count, const float *weight, int vectors) {
  kiln_floats sum[4] = {{0}};
  for (int32_t k = 0; k < count; k++) {
    for (int v = 0; v < vectors; v++) sum[v] += weight[k] * widen(x + k * x_stride + v * KILN_LANES);
  }
  for (int v = 0; v < vectors; v++) narrow(sum[v], out + v * KILN_LANES);
}

static void down(const uint8_t *x, int64_t x_stride, uint8_t *y, int64_t height, int64_t count, const int32_t *spans,
                 const float *weights, int64_t taps) {
  for (int64_t i = 0; i < height; i++) {
    const uint8_t *in = x + spans[2 * i] * x_stride;
    const float *weight = weights + i * taps;
    int32_t used = spans[2 * i + 1];
    uint8_t *out = y + i * count;
    int64_t j = 0;
    for (; j + 4 * KILN_LANES <= count; j += 4 * KILN_LANES) down_tile(in + j, x_stride, out + j, used, weight, 4);
    for (; j + KILN_LANES <= count; j += KILN_LANES) down_tile(in + j, x_stride, out + j, used, weight, 1);
    for (; j < count; j++) {
      float sum = 0;
      for (int32_t k = 0; k < used; k++) sum += weight[k] * (float)in[k * x_stride + j];
      int32_t rounded = (int32_t)(sum + 0.5f);
      out[j] = (uint8_t)(rounded < 0 ? 0 : rounded > 255 ? 255 : rounded);
    }
  }
}

/* Bytes of scratch, aligned to 64, that kiln_resize_rgb needs. */
int64_t kiln_resize_rgb_scratch(int64_t rows, int64_t columns, int64_t width) {
  int64_t turned = 3 * columns * (int64_t)sizeof(floats) + 3 * width * (int64_t)sizeof(bytes);
  return turned + 3 * rows * width;
}

/* x: [rows, columns, 3], rows x_stride bytes apart; y: [height, width, 3]. A table of spans has for every output the first input and
 * how many there are, one of weights has `taps` for every output, of which as many count. No taps: that direction stays as it
 * is, so that width = columns or height = rows. */
void kiln_resize_rgb(const uint8_t *x, int64_t x_stride, uint8_t *y, int64_t rows, int64_t columns, int64_t height, int64_t width,
                     const int32_t *column_spans, const float *column_weights, int64_t column_taps, const int32_t *row_spans,
                     const float *row_weights, int64_t row_taps, char *scratch) {
  const uint8_t *wide = x;
  int64_t stride = x_stride;
  if (column_taps > 0) {
    char *turned = scratch;
    uint8_t *between = (uint8_t *)(turned + 3 * columns * (int64_t)sizeof(floats) + 3 * width * (int64_t)sizeof(bytes));
    uint8_t *out = row_taps > 0 ? between : y;
    across(x, x_stride, out, rows, columns, width, column_spans, column_weights, column_taps, turned);
    wide = out;
    stride = 3 * width;
  }
  if (row_taps > 0) {
    down(wide, stride, y, height, 3 * width, row_spans, row_weights, row_taps);
  } else if (column_taps == 0) {
    for (int64_t i = 0; i < height; i++) memcpy(y + i * 3 * width, x + i * x_stride, (size_t)(3 * width));
  }
}
