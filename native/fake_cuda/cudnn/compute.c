/* Products and convolutions over dense copies of their factors; sums in double precision. */
#include <stdlib.h>
#include <string.h>

#include "cudnn.h"

float load(const tensor *t, const void *memory, int64_t at) {
  if (t->type == F32) return ((const float *)memory)[at];
  uint32_t bits = (uint32_t)((const uint16_t *)memory)[at] << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

void store(const tensor *t, void *memory, int64_t at, float value) {
  if (t->type == F32) {
    ((float *)memory)[at] = value;
    return;
  }
  uint32_t bits;
  memcpy(&bits, &value, 4);
  bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
  ((uint16_t *)memory)[at] = (uint16_t)(is_nan ? 0x7fff : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

float to_tf32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  if ((bits & 0x7f800000) == 0x7f800000) return x;
  bits = (bits + 0x1000) & ~0x1fffu; /* half away from zero, as cvt.rna.tf32 */
  memcpy(&x, &bits, 4);
  return x;
}

/* A copy with the axes in that order, the last innermost. */
static float *dense(const tensor *t, const void *memory, const int *axes, bool tf32) {
  const int64_t *d = t->dims, *s = t->strides;
  float *copy = malloc((size_t)(d[0] * d[1] * d[2] * d[3]) * sizeof(float)), *next = copy;
  for (int64_t i = 0; i < d[axes[0]]; i++)
    for (int64_t k = 0; k < d[axes[1]]; k++)
      for (int64_t l = 0; l < d[axes[2]]; l++)
        for (int64_t m = 0; m < d[axes[3]]; m++) {
          float x = load(t, memory, i * s[axes[0]] + k * s[axes[1]] + l * s[axes[2]] + m * s[axes[3]]);
          *next++ = tf32 && t->type == F32 ? to_tf32(x) : x;
        }
  return copy;
}

static const int AS_IT_IS[] = {0, 1, 2, 3}, TRANSPOSED[] = {0, 1, 3, 2}, CHANNELS_LAST[] = {0, 2, 3, 1};

void multiply(const operation *o, const tensor *ts, void **memory, bool tf32, bool accumulate) {
  const tensor *a = &ts[o->a], *b = &ts[o->b], *c = &ts[o->to];
  float *rows = dense(a, memory[o->a], AS_IT_IS, tf32), *columns = dense(b, memory[o->b], TRANSPOSED, tf32);
  int64_t m = c->dims[2], n = c->dims[3], depth = a->dims[3];
  for (int64_t i = 0; i < c->dims[0]; i++) {
    for (int64_t k = 0; k < c->dims[1]; k++) {
      int64_t of_a = (a->dims[0] > 1 ? i : 0) * a->dims[1] + (a->dims[1] > 1 ? k : 0);
      int64_t of_b = (b->dims[0] > 1 ? i : 0) * b->dims[1] + (b->dims[1] > 1 ? k : 0);
      for (int64_t l = 0; l < m; l++) {
        for (int64_t j = 0; j < n; j++) {
          const float *x = rows + (of_a * m + l) * depth, *y = columns + (of_b * n + j) * depth;
          double sum = 0;
          for (int64_t d = 0; d < depth; d++) sum += (double)x[d] * y[d];
          int64_t at = i * c->strides[0] + k * c->strides[1] + l * c->strides[2] + j * c->strides[3];
          store(c, memory[o->to], at, (float)(accumulate ? load(c, memory[o->to], at) + sum : sum));
        }
      }
    }
  }
  free(rows);
  free(columns);
}

/* alpha · sums + beta · what is there. */
static void write(const operation *o, const tensor *to, void *memory, const double *sums) {
  const int64_t *d = to->dims, *s = to->strides;
  for (int64_t i = 0; i < d[0]; i++)
    for (int64_t k = 0; k < d[2]; k++)
      for (int64_t l = 0; l < d[3]; l++)
        for (int64_t m = 0; m < d[1]; m++) {
          int64_t at = i * s[0] + m * s[1] + k * s[2] + l * s[3];
          double old = o->beta == 0 ? 0 : o->beta * load(to, memory, at);
          store(to, memory, at, (float)(o->alpha * *sums++ + old));
        }
}

void convolve(const operation *o, const tensor *ts, void **memory, bool tf32) {
  bool forward = o->kind == CONVOLUTION_FORWARD, data = o->kind == CONVOLUTION_BACKWARD_DATA;
  const tensor *to = &ts[o->to];
  const tensor *tx = data ? to : &ts[o->a], *ty = forward ? to : &ts[o->b];
  const tensor *tw = forward ? &ts[o->b] : data ? &ts[o->a] : to;
  float *one = dense(&ts[o->a], memory[o->a], CHANNELS_LAST, tf32), *two = dense(&ts[o->b], memory[o->b], CHANNELS_LAST, tf32);
  const float *x = one, *w = forward ? two : one, *dy = two;
  double *sums = calloc((size_t)(to->dims[0] * to->dims[1] * to->dims[2] * to->dims[3]), sizeof(double));
  int64_t height = tx->dims[2], width = tx->dims[3], channels = tx->dims[1];
  int64_t out_channels = tw->dims[0], per_group = tw->dims[1], groups = channels / per_group;
  for (int64_t n = 0; n < ty->dims[0]; n++)
    for (int64_t p = 0; p < ty->dims[2]; p++)
      for (int64_t q = 0; q < ty->dims[3]; q++)
        for (int64_t r = 0; r < tw->dims[2]; r++)
          for (int64_t s = 0; s < tw->dims[3]; s++) {
            int64_t h = p * o->stride[0] - o->before[0] + r * o->dilation[0];
            int64_t v = q * o->stride[1] - o->before[1] + s * o->dilation[1];
            if (h < 0 || h >= height || v < 0 || v >= width) continue;
            for (int64_t k = 0; k < out_channels; k++) {
              int64_t at_x = ((n * height + h) * width + v) * channels + k / (out_channels / groups) * per_group;
              int64_t at_w = ((k * tw->dims[2] + r) * tw->dims[3] + s) * per_group;
              int64_t at_y = ((n * ty->dims[2] + p) * ty->dims[3] + q) * out_channels + k;
              for (int64_t c = 0; c < per_group; c++) {
                if (forward) {
                  sums[at_y] += (double)x[at_x + c] * w[at_w + c];
                } else if (data) {
                  sums[at_x + c] += (double)dy[at_y] * w[at_w + c];
                } else {
                  sums[at_w + c] += (double)dy[at_y] * x[at_x + c];
                }
              }
            }
          }
  write(o, to, memory[o->to], sums);
  free(sums);
  free(one);
  free(two);
}
