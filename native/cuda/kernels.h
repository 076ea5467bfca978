/* Every kernel: its kind of work (kiln.h), its name and its arguments, checked against the definitions by the compiler and
 * against DeviceKernel.java by DeviceKernelsHeaderTest. What the arguments and the items of work are stands at the definitions,
 * in the file named like the operation. Names and arguments are those of native/cpu/kernels.h; where a sum over a tensor needs
 * several launches, it is several kernels. Where there is an argument bf16, tensors without an element type are bfloat16 if it
 * is 1 and float32 if it is 0. */
#ifndef KILN_CUDA_KERNELS_H
#define KILN_CUDA_KERNELS_H

#include "kiln.h"

/* Six extents of a tensor, filled up with 1 in front, and a number for each of its axes. Passed by value. */
typedef struct {
  int64_t extent[6], other[6];
} kiln_layout;

/* Extents of attention's scores, and where the numbers of bias and mask are that belong to one: strides on [batch, heads, lq,
 * lk], 0 along an axis that they are repeated over. Passed by value. */
typedef struct {
  int64_t batch, heads, lq, lk;
  int64_t bias_strides[4], mask_strides[4];
} kiln_scores;

/* Elementwise */
KILN_ELEMENTS kiln_affine(int32_t bf16, const void *x, void *y, int64_t n, float scale, float shift);
KILN_ELEMENTS kiln_affine_u8(const uint8_t *x, float *y, int64_t n, float scale, float shift);
KILN_ELEMENTS kiln_affine_i32(const int32_t *x, float *y, int64_t n, float scale, float shift);
KILN_ELEMENTS kiln_binary(int32_t bf16, int32_t kind, const void *a, const void *b, void *y, int64_t outer, int64_t middle,
                          int64_t inner);
KILN_ELEMENTS kiln_broadcast(int32_t bf16, const void *x, void *y, int64_t outer, int64_t middle, int64_t inner);
KILN_ELEMENTS kiln_fill(float *y, int64_t n, float value);
KILN_ELEMENTS kiln_narrow(const float *x, uint16_t *y, int64_t n);
KILN_ELEMENTS kiln_widen(const uint16_t *x, float *y, int64_t n);
KILN_ELEMENTS kiln_clamp(int32_t bf16, const void *x, void *y, int64_t n, float low, float high);
KILN_ELEMENTS kiln_clamp_grad(int32_t bf16, const void *x, const void *dy, void *dx, int64_t n, float low, float high);
KILN_ELEMENTS kiln_unary(int32_t bf16, int32_t function, const void *x, void *y, int64_t n);
KILN_ELEMENTS kiln_unary_grad(int32_t bf16, int32_t function, const void *x, const void *dy, void *dx, int64_t n);
KILN_ELEMENTS kiln_geglu(int32_t bf16, const void *x, void *y, int64_t rows, int64_t width);
KILN_ELEMENTS kiln_geglu_grad(int32_t bf16, const void *x, const void *dy, void *dx, int64_t rows, int64_t width);

/* Normalisations */
KILN_BLOCKS kiln_group_norm_sums(int32_t bf16, const void *x, float *partial, int64_t n, int64_t s, int64_t c, int64_t groups,
                                 int64_t chunk);
KILN_BLOCKS kiln_group_norm_statistics(int32_t bf16, const void *x, const float *partial, float *mean, float *rstd, int64_t n,
                                       int64_t s, int64_t c, int64_t groups, int64_t chunk, float epsilon);
KILN_BLOCKS kiln_group_norm(int32_t bf16, const void *x, const float *weight, const float *bias, void *y, const float *mean,
                            const float *rstd, int64_t n, int64_t s, int64_t c, int64_t groups, int64_t chunk, int32_t silu);
KILN_BLOCKS kiln_group_norm_grad_sums(int32_t bf16, const void *x, const float *weight, const float *bias, const float *mean,
                                      const float *rstd, const void *dy, float *partial, int64_t n, int64_t s, int64_t c,
                                      int64_t groups, int64_t chunk, int32_t silu);
KILN_BLOCKS kiln_group_norm_grad_means(const float *partial, const float *weight, float *sums, float *means, int64_t n,
                                       int64_t s, int64_t c, int64_t groups, int64_t chunk);
KILN_BLOCKS kiln_group_norm_grad(int32_t bf16, const void *x, const float *weight, const float *bias, const float *mean,
                                 const float *rstd, const void *dy, void *dx, const float *means, int64_t n, int64_t s,
                                 int64_t c, int64_t groups, int64_t chunk, int32_t silu);
KILN_WARPS kiln_layer_norm(int32_t bf16, const void *x, const float *weight, const float *bias, void *y, float *mean,
                           float *rstd, int64_t rows, int64_t c, float epsilon);
KILN_BLOCKS kiln_layer_norm_grad_sums(int32_t bf16, const void *x, const float *mean, const float *rstd, const void *dy,
                                      float *partial, int64_t rows, int64_t c);
KILN_WARPS kiln_layer_norm_grad(int32_t bf16, const void *x, const float *weight, const float *mean, const float *rstd,
                                const void *dy, void *dx, int64_t rows, int64_t c);
KILN_WARPS kiln_rms_norm(int32_t bf16, const void *x, const float *weight, void *y, float *rstd, int64_t rows, int64_t c,
                         float epsilon);
KILN_BLOCKS kiln_rms_norm_grad_sums(int32_t bf16, const void *x, const float *rstd, const void *dy, float *partial,
                                    int64_t rows, int64_t c);
KILN_WARPS kiln_rms_norm_grad(int32_t bf16, const void *x, const float *weight, const float *rstd, const void *dy, void *dx,
                              int64_t rows, int64_t c);
KILN_BLOCKS kiln_fold_partials(const float *partial, float *first, float *second, int64_t runs, int64_t c);
KILN_BLOCKS kiln_sum_partials(const float *partial, float *y, int64_t outer, int64_t chunks, int64_t inner);

/* Sums, softmax and losses */
KILN_BLOCKS kiln_sum(int32_t bf16, const void *x, float *y, int64_t outer, int64_t middle, int64_t inner, int64_t chunk);
KILN_WARPS kiln_sum_rows(int32_t bf16, const void *x, float *y, int64_t outer, int64_t middle, int64_t chunk);
KILN_WARPS kiln_softmax(const float *x, float *y, int64_t rows, int64_t c, int32_t log);
KILN_WARPS kiln_softmax_grad(const float *y, const float *dy, float *dx, int64_t rows, int64_t c, int32_t log);
KILN_WARPS kiln_cross_entropy(const float *logits, const int32_t *labels, float *losses, unsigned long long *bad, int64_t rows,
                              int64_t c, int32_t ignore, float smoothing);
KILN_BLOCKS kiln_cross_entropy_total(const float *losses, const int32_t *labels, float *loss, int64_t rows, int32_t ignore,
                                     int32_t reduction);
KILN_BLOCKS kiln_cross_entropy_share(const int32_t *labels, float *share, int64_t rows, int32_t ignore, int32_t reduction);
KILN_WARPS kiln_cross_entropy_grad(const float *logits, const int32_t *labels, const float *dy, const float *share, float *dx,
                                   unsigned long long *bad, int64_t rows, int64_t c, int32_t ignore, float smoothing,
                                   int32_t reduction);
KILN_BLOCKS kiln_weighted_mse(const float *prediction, const float *target, double *partial, int64_t n, int64_t size,
                              int64_t chunk);
KILN_BLOCKS kiln_weighted_mse_total(const double *partial, const float *weight, float *loss, float *errors, int64_t n,
                                    int64_t size, int64_t chunk);
KILN_ELEMENTS kiln_weighted_mse_grad(const float *prediction, const float *target, const float *weight, const float *dy,
                                     float *dx, int64_t n, int64_t size);

/* Attention made of products */
KILN_WARPS kiln_attention_softmax(int32_t bf16, const float *scores, const float *bias, const int32_t *mask, void *p,
                                  float *log_sum_exp, kiln_scores shape, float scale);
KILN_WARPS kiln_attention_softmax_grad(int32_t bf16, const void *p, const float *dp, void *ds, int64_t rows, int64_t lk);

/* Moving and looking up */
KILN_ELEMENTS kiln_copy_blocks(const char *x, char *y, int64_t count, int64_t block, int64_t x_start, int64_t x_stride,
                               int64_t y_start, int64_t y_stride);
KILN_ELEMENTS kiln_pad_blocks(const char *x, char *y, int64_t count, int64_t before, int64_t block, int64_t after);
KILN_ELEMENTS kiln_permute(int32_t bf16, const void *x, void *y, kiln_layout layout);
KILN_BLOCKS kiln_permute_tiles(int32_t bf16, const void *x, void *y, kiln_layout layout, int64_t unit);
KILN_ELEMENTS kiln_roll(int32_t bf16, const void *x, void *y, kiln_layout layout);
KILN_BLOCKS kiln_filter_pack(int32_t x_bf16, int32_t y_bf16, const void *x, void *y, int64_t filters, int64_t channels,
                             int64_t window);
KILN_BLOCKS kiln_filter_unpack(int32_t x_bf16, int32_t y_bf16, const void *x, void *y, int64_t filters, int64_t channels,
                               int64_t window);
KILN_ELEMENTS kiln_select_rows(const int32_t *x, const int32_t *alternative, const int32_t *keep, int32_t *y, int64_t n,
                               int64_t size);
KILN_ELEMENTS kiln_causal_mask(int32_t *y, int64_t length);
KILN_ELEMENTS kiln_embedding(const float *table, const int32_t *ids, float *y, unsigned long long *bad, int64_t n, int64_t rows,
                             int64_t c);
KILN_BLOCKS kiln_embedding_grad(const int32_t *ids, const float *dy, float *dtable, unsigned long long *bad, int64_t n,
                                int64_t rows, int64_t c, int64_t padding);
KILN_ELEMENTS kiln_relative_position_bias(const float *table, const int32_t *buckets, float *y, int64_t heads, int64_t lq,
                                          int64_t lk);
KILN_ITEMS kiln_relative_position_diagonals(const float *dy, float *diagonals, int64_t heads, int64_t lq, int64_t lk);
KILN_WARPS kiln_relative_position_bias_grad(const float *diagonals, const int32_t *buckets, float *dtable, int64_t num_buckets,
                                            int64_t heads, int64_t lq, int64_t lk);

/* Feature maps and timesteps */
KILN_ELEMENTS kiln_upsample_nearest(int32_t bf16, const void *x, void *y, int64_t n, int64_t h, int64_t w, int64_t height,
                                    int64_t width, int64_t c);
KILN_ELEMENTS kiln_upsample_nearest_grad(int32_t bf16, const void *dy, void *dx, int64_t n, int64_t h, int64_t w,
                                         int64_t height, int64_t width, int64_t c);
KILN_ELEMENTS kiln_avg_pool2d(const float *x, float *y, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width,
                              int64_t c, int64_t kernel, int64_t stride);
KILN_ELEMENTS kiln_avg_pool2d_grad(const float *dy, float *dx, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width,
                                   int64_t c, int64_t kernel, int64_t stride);
KILN_ITEMS kiln_timestep_embedding_f32(const float *t, float *y, int64_t n, int64_t dim, int32_t flip_sin_to_cos,
                                       float frequency_shift, float max_period);
KILN_ITEMS kiln_timestep_embedding_i32(const int32_t *t, float *y, int64_t n, int64_t dim, int32_t flip_sin_to_cos,
                                       float frequency_shift, float max_period);

/* Optimizer */
KILN_ELEMENTS kiln_adamw_f32(float *weight, const float *gradient, float *first, float *second, float *average, uint16_t *copy,
                             int64_t n, const float *settings);
KILN_ITEMS kiln_clip_scale(const double *sum_of_squares, float *settings, double *norm, double scale, double maximum);
KILN_ELEMENTS kiln_ema_f32(float *average, const float *value, int64_t n, float rate);
KILN_BLOCKS kiln_sum_of_squares_f32(const float *x, double *partial, int64_t n);
KILN_BLOCKS kiln_sum_of_squares_total(const double *partial, double *sum);

/* Random numbers */
KILN_ITEMS kiln_philox_words(uint32_t *out, int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed,
                             uint32_t stream, uint32_t step);
KILN_ITEMS kiln_philox_uniform(float *out, int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed,
                               uint32_t stream, uint32_t step);
KILN_ITEMS kiln_philox_normal(float *out, int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed,
                              uint32_t stream, uint32_t step);

#endif
