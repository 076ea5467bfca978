/* Group normalisation of [n, s, c], optionally followed by SiLU, and its gradient. Operations: GroupNorm, GroupNormGrad.
 *
 * A group is a run of c / groups channels in every one of the s rows of a sample. A task is one sample and as many groups as
 * fill a tile of channels, so that loops run over contiguous channels; statistics take a second pass over data that is still
 * in the cache, which is exact where sums of squares cancel. */
#ifndef elem
#include "kernels.h"
#include "sums.h"
#include "vector_math.h"

/* How many groups make a tile: as many as fit, but rather fewer that fill whole vectors. */
static int64_t groups_together(int64_t size) {
  int64_t most = kiln_max(1, KILN_TILE / size);
  for (int64_t vector = 16; vector >= 8; vector /= 2) {
    for (int64_t k = most; k > 0; k--) {
      if (k * size % vector == 0) return k;
    }
  }
  return most;
}

/* What the gradient needs of the channels of a tile. */
typedef struct {
  float mean[KILN_TILE], rstd[KILN_TILE], weight[KILN_TILE], bias[KILN_TILE];
} channels;

/* What dx is made of, for the channels of a tile. */
typedef struct {
  float center[KILN_TILE], of_dz[KILN_TILE], of_x[KILN_TILE], constant[KILN_TILE];
} slopes;

#define KILN_BODY "group_norm.c"
#include "float_types.h"

void kiln_group_norm(int32_t bf16, const void *x, const float *weight, const float *bias, void *y, float *mean, float *rstd,
                     int64_t n, int64_t s, int64_t c, int64_t groups, float epsilon, int32_t silu) {
  KILN_CALL_TYPED(bf16, group_norm, x, weight, bias, y, mean, rstd, n, s, c, groups, epsilon, silu);
}

void kiln_group_norm_grad(int32_t bf16, const void *x, const float *weight, const float *bias, const float *mean,
                          const float *rstd, const void *dy, void *dx, float *dweight, float *dbias, double *partial,
                          int64_t n, int64_t s, int64_t c, int64_t groups, int32_t silu) {
  KILN_CALL_TYPED(bf16, group_norm_grad, x, weight, bias, mean, rstd, dy, dx, dweight, dbias, partial, n, s, c, groups, silu);
}

#else

/* total[j] += sum over rows of (x - center[j])^2 */
KILN_INLINE void TYPED(add_square_deviations_of_width)(const elem *restrict x, int64_t rows, int64_t stride,
                                                       int64_t width, const float *restrict center,
                                                       double *restrict total) {
  for (int64_t first = 0; first < rows; first += KILN_RUN) {
    int64_t end = kiln_min(first + KILN_RUN, rows);
    float part[KILN_TILE] = {0};
    for (int64_t i = first; i < end; i++) {
      const elem *row = x + i * stride;
#pragma omp simd
      for (int64_t j = 0; j < width; j++) part[j] += (LOAD(row[j]) - center[j]) * (LOAD(row[j]) - center[j]);
    }
#pragma omp simd
    for (int64_t j = 0; j < width; j++) total[j] += part[j];
  }
}

static void TYPED(add_square_deviations)(const elem *x, int64_t rows, int64_t stride, int64_t width, const float *center,
                                         double *total) {
#define CALL(constant) TYPED(add_square_deviations_of_width)(x, rows, stride, constant, center, total)
  KILN_WITH_WIDTH(width, CALL)
#undef CALL
}

/* y = (x - center) * scale + shift, then SiLU */
KILN_INLINE void TYPED(normalize_width)(const elem *restrict x, elem *restrict y, int64_t rows, int64_t stride, int64_t width,
                                        const float *restrict center, const float *restrict scale,
                                        const float *restrict shift, int silu) {
  for (int64_t i = 0; i < rows; i++) {
    const elem *in = x + i * stride;
    elem *out = y + i * stride;
#pragma omp simd
    for (int64_t j = 0; j < width; j++) {
      float z = (LOAD(in[j]) - center[j]) * scale[j] + shift[j];
      out[j] = STORE(silu ? z * kiln_sigmoid(z) : z);
    }
  }
}

static void TYPED(normalize)(const elem *x, elem *y, int64_t rows, int64_t stride, int64_t width, const float *center,
                             const float *scale, const float *shift, int silu) {
#define PLAIN(constant) TYPED(normalize_width)(x, y, rows, stride, constant, center, scale, shift, 0)
#define WITH_SILU(constant) TYPED(normalize_width)(x, y, rows, stride, constant, center, scale, shift, 1)
  if (silu) {
    KILN_WITH_WIDTH(width, WITH_SILU)
  } else {
    KILN_WITH_WIDTH(width, PLAIN)
  }
#undef PLAIN
#undef WITH_SILU
}

static void TYPED(group_norm)(const elem *x, const float *weight, const float *bias, elem *y, float *mean, float *rstd,
                              int64_t n, int64_t s, int64_t c, int64_t groups, float epsilon, int32_t silu) {
  int64_t size = c / groups;
  int64_t together = groups_together(size);
#pragma omp parallel for collapse(2) schedule(static) if (n * s * c > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    for (int64_t g = 0; g < groups; g += together) {
      int64_t count = kiln_min(together, groups - g);
      int64_t from = g * size;
      int64_t to = (g + count) * size;
      const elem *in = x + sample * s * c;
      float *mean_of = mean + sample * groups;
      float *rstd_of = rstd + sample * groups;
      double sum[KILN_TILE] = {0};
      double squares[KILN_TILE] = {0};
      for (int64_t first = from; first < to; first += KILN_TILE) {
        int64_t width = kiln_min(KILN_TILE, to - first);
        double total[KILN_TILE] = {0};
        TYPED(kiln_add_columns)(in + first, s, c, width, total);
        for (int64_t j = 0; j < width; j++) sum[(first - from + j) / size] += total[j];
      }
      for (int64_t k = 0; k < count; k++) mean_of[g + k] = (float)(sum[k] / (double)(s * size));
      for (int64_t first = from; first < to; first += KILN_TILE) {
        int64_t width = kiln_min(KILN_TILE, to - first);
        float center[KILN_TILE];
        double total[KILN_TILE] = {0};
        for (int64_t j = 0; j < width; j++) center[j] = mean_of[(first + j) / size];
        TYPED(add_square_deviations)(in + first, s, c, width, center, total);
        for (int64_t j = 0; j < width; j++) squares[(first - from + j) / size] += total[j];
      }
      for (int64_t k = 0; k < count; k++) {
        rstd_of[g + k] = (float)(1.0 / sqrt(squares[k] / (double)(s * size) + (double)epsilon));
      }
      for (int64_t first = from; first < to; first += KILN_TILE) {
        int64_t width = kiln_min(KILN_TILE, to - first);
        float center[KILN_TILE], scale[KILN_TILE];
        for (int64_t j = 0; j < width; j++) {
          center[j] = mean_of[(first + j) / size];
          scale[j] = rstd_of[(first + j) / size] * weight[first + j];
        }
        elem *out = y + sample * s * c + first;
        TYPED(normalize)(in + first, out, s, c, width, center, scale, bias + first, silu);
      }
    }
  }
}

/* Adds, over rows, dz to sum and dz * xhat to dot; dz, the gradient before SiLU, goes to dz if that is wanted. */
KILN_INLINE void TYPED(add_gradients_width)(const elem *restrict x, const elem *restrict dy, elem *restrict dz, int64_t rows,
                                            int64_t stride, int64_t width, const channels *restrict ch,
                                            double *restrict sum, double *restrict dot, int silu) {
  for (int64_t first = 0; first < rows; first += KILN_RUN) {
    int64_t end = kiln_min(first + KILN_RUN, rows);
    float part_sum[KILN_TILE] = {0};
    float part_dot[KILN_TILE] = {0};
    for (int64_t i = first; i < end; i++) {
#pragma omp simd
      for (int64_t j = 0; j < width; j++) {
        float xhat = (LOAD(x[i * stride + j]) - ch->mean[j]) * ch->rstd[j];
        float d = LOAD(dy[i * stride + j]);
        if (silu) {
          float z = xhat * ch->weight[j] + ch->bias[j];
          float gate = kiln_sigmoid(z);
          d = d * gate * (1.0f + z * (1.0f - gate));
          dz[i * stride + j] = STORE(d);
          d = LOAD(dz[i * stride + j]); /* the sums are those of what the second pass reads, or they would not cancel */
        }
        part_sum[j] += d;
        part_dot[j] += d * xhat;
      }
    }
    for (int64_t j = 0; j < width; j++) {
      sum[j] += part_sum[j];
      dot[j] += part_dot[j];
    }
  }
}

static void TYPED(add_gradients)(const elem *x, const elem *dy, elem *dz, int64_t rows, int64_t stride, int64_t width,
                                 const channels *ch, double *sum, double *dot, int silu) {
#define PLAIN(constant) TYPED(add_gradients_width)(x, dy, dz, rows, stride, constant, ch, sum, dot, 0)
#define WITH_SILU(constant) TYPED(add_gradients_width)(x, dy, dz, rows, stride, constant, ch, sum, dot, 1)
  if (silu) {
    KILN_WITH_WIDTH(width, WITH_SILU)
  } else {
    KILN_WITH_WIDTH(width, PLAIN)
  }
#undef PLAIN
#undef WITH_SILU
}

/* dx = of_dz * dz - of_x * (x - center) - constant */
KILN_INLINE void TYPED(combine_width)(const elem *dz, const elem *restrict x, elem *dx, int64_t rows, int64_t stride,
                                      int64_t width, const slopes *restrict k) {
  for (int64_t i = 0; i < rows; i++) {
#pragma omp simd
    for (int64_t j = 0; j < width; j++) {
      int64_t at = i * stride + j;
      dx[at] = STORE(k->of_dz[j] * LOAD(dz[at]) - k->of_x[j] * (LOAD(x[at]) - k->center[j]) - k->constant[j]);
    }
  }
}

static void TYPED(combine)(const elem *dz, const elem *x, elem *dx, int64_t rows, int64_t stride, int64_t width,
                           const slopes *k) {
#define CALL(constant) TYPED(combine_width)(dz, x, dx, rows, stride, constant, k)
  KILN_WITH_WIDTH(width, CALL)
#undef CALL
}

/* partial [n, 2, c] is scratch: what every sample adds to dbias and dweight. */
static void TYPED(group_norm_grad)(const elem *x, const float *weight, const float *bias, const float *mean,
                                   const float *rstd, const elem *dy, elem *dx, float *dweight, float *dbias,
                                   double *partial, int64_t n, int64_t s, int64_t c, int64_t groups, int32_t silu) {
  int64_t size = c / groups;
  int64_t together = groups_together(size);
#pragma omp parallel for collapse(2) schedule(static) if (n * s * c > KILN_PARALLEL_MIN)
  for (int64_t sample = 0; sample < n; sample++) {
    for (int64_t g = 0; g < groups; g += together) {
      int64_t from = g * size;
      int64_t to = kiln_min(g + together, groups) * size;
      int64_t origin = sample * s * c;
      double *sum = partial + sample * 2 * c;
      double *dot = sum + c;
      double group_sum[KILN_TILE] = {0};
      double group_dot[KILN_TILE] = {0};
      for (int64_t first = from; first < to; first += KILN_TILE) {
        int64_t width = kiln_min(KILN_TILE, to - first);
        int64_t at = origin + first;
        channels ch;
        for (int64_t j = 0; j < width; j++) {
          ch.mean[j] = mean[sample * groups + (first + j) / size];
          ch.rstd[j] = rstd[sample * groups + (first + j) / size];
          ch.weight[j] = weight[first + j];
          ch.bias[j] = bias[first + j];
          sum[first + j] = dot[first + j] = 0;
        }
        TYPED(add_gradients)(x + at, dy + at, dx + at, s, c, width, &ch, sum + first, dot + first, silu);
        for (int64_t j = 0; j < width; j++) {
          group_sum[(first - from + j) / size] += (double)ch.weight[j] * sum[first + j];
          group_dot[(first - from + j) / size] += (double)ch.weight[j] * dot[first + j];
        }
      }
      /* dx = rstd * (weight * dz - mean(weight * dz) - xhat * mean(weight * dz * xhat)) */
      const elem *dz = silu ? dx : dy;
      double elements = (double)(s * size);
      for (int64_t first = from; first < to; first += KILN_TILE) {
        int64_t width = kiln_min(KILN_TILE, to - first);
        slopes of;
        for (int64_t j = 0; j < width; j++) {
          int64_t k = (first - from + j) / size;
          double r = rstd[sample * groups + g + k];
          of.center[j] = mean[sample * groups + g + k];
          of.of_dz[j] = (float)(r * weight[first + j]);
          of.of_x[j] = (float)(r * r * group_dot[k] / elements);
          of.constant[j] = (float)(r * group_sum[k] / elements);
        }
        int64_t at = origin + first;
        TYPED(combine)(dz + at, x + at, dx + at, s, c, width, &of);
      }
    }
  }
  for (int64_t j = 0; j < c; j++) {
    double sum = 0, dot = 0;
    for (int64_t sample = 0; sample < n; sample++) {
      sum += partial[sample * 2 * c + j];
      dot += partial[sample * 2 * c + c + j];
    }
    dbias[j] = (float)sum;
    dweight[j] = (float)dot;
  }
}

#endif
