/* Everything that Java calls, checked against the definitions by the compiler and against the Java descriptors by
 * CpuKernelDescriptorsTest. What the arguments mean stands at the definitions, in the file named like the operation. */
#ifndef KILN_KERNELS_H
#define KILN_KERNELS_H

#include "kiln.h"

#pragma GCC visibility push(default)

/* Elementwise: ElementwiseKernels.java. Where there is an argument bf16, tensors without an element type are bfloat16 if it is 1
 * and float32 if it is 0. */
void kiln_affine(int32_t bf16, const void *x, void *y, int64_t n, float scale, float shift);
void kiln_affine_u8(const uint8_t *x, float *y, int64_t n, float scale, float shift);
void kiln_affine_i32(const int32_t *x, float *y, int64_t n, float scale, float shift);
void kiln_binary(int32_t bf16, int32_t kind, const void *a, const void *b, void *y, int64_t outer, int64_t middle,
                 int64_t inner);
void kiln_broadcast(int32_t bf16, const void *x, void *y, int64_t outer, int64_t middle, int64_t inner);
void kiln_fill(float *y, int64_t n, float value);
void kiln_narrow(const float *x, uint16_t *y, int64_t n);
void kiln_widen(const uint16_t *x, float *y, int64_t n);
void kiln_clamp(int32_t bf16, const void *x, void *y, int64_t n, float low, float high);
void kiln_clamp_grad(int32_t bf16, const void *x, const void *dy, void *dx, int64_t n, float low, float high);
void kiln_unary(int32_t bf16, int32_t function, const void *x, void *y, int64_t n);
void kiln_unary_grad(int32_t bf16, int32_t function, const void *x, const void *dy, void *dx, int64_t n);
void kiln_geglu(int32_t bf16, const void *x, void *y, int64_t rows, int64_t width);
void kiln_geglu_grad(int32_t bf16, const void *x, const void *dy, void *dx, int64_t rows, int64_t width);

/* Attention: AttentionKernels.java */
int64_t kiln_attention_scratch(const int64_t *shape);
void kiln_attention(const void *q, const void *k, const void *v, const float *bias, const int32_t *mask, void *y,
                    float *log_sum_exp, char *scratch, const int64_t *shape, float scale);
int64_t kiln_attention_grad_scratch(const int64_t *shape);
void kiln_attention_grad(const void *q, const void *k, const void *v, const float *bias, const int32_t *mask, const void *y,
                         const float *log_sum_exp, const void *dy, void *dq, void *dk, void *dv, float *dbias, char *scratch,
                         const int64_t *shape, float scale);

/* Normalisations: NormKernels.java */
void kiln_group_norm(int32_t bf16, const void *x, const float *weight, const float *bias, void *y, float *mean, float *rstd,
                     int64_t n, int64_t s, int64_t c, int64_t groups, float epsilon, int32_t silu);
void kiln_group_norm_grad(int32_t bf16, const void *x, const float *weight, const float *bias, const float *mean,
                          const float *rstd, const void *dy, void *dx, float *dweight, float *dbias, double *partial,
                          int64_t n, int64_t s, int64_t c, int64_t groups, int32_t silu);
void kiln_layer_norm(int32_t bf16, const void *x, const float *weight, const float *bias, void *y, float *mean, float *rstd,
                     int64_t rows, int64_t c, float epsilon);
void kiln_layer_norm_grad(int32_t bf16, const void *x, const float *weight, const float *mean, const float *rstd,
                          const void *dy, void *dx, float *dweight, float *dbias, float *partial, int64_t rows, int64_t c);
void kiln_rms_norm(int32_t bf16, const void *x, const float *weight, void *y, float *rstd, int64_t rows, int64_t c,
                   float epsilon);
void kiln_rms_norm_grad(int32_t bf16, const void *x, const float *weight, const float *rstd, const void *dy, void *dx,
                        float *dweight, float *partial, int64_t rows, int64_t c);

/* Sums, softmax and losses: ReductionKernels.java */
void kiln_sum(int32_t bf16, const void *x, float *y, double *partial, int64_t outer, int64_t middle, int64_t inner,
              int64_t chunk);
void kiln_softmax(const float *x, float *y, int64_t rows, int64_t c, int32_t log);
void kiln_softmax_grad(const float *y, const float *dy, float *dx, int64_t rows, int64_t c, int32_t log);
int64_t kiln_cross_entropy(const float *logits, const int32_t *labels, float *losses, float *loss, int64_t rows, int64_t c,
                           int32_t ignore, float smoothing, int32_t reduction);
int64_t kiln_cross_entropy_grad(const float *logits, const int32_t *labels, const float *dy, float *dx, int64_t rows, int64_t c,
                                int32_t ignore, float smoothing, int32_t reduction);
void kiln_weighted_mse(const float *prediction, const float *target, const float *weight, float *loss, float *errors, int64_t n,
                       int64_t size);
void kiln_weighted_mse_grad(const float *prediction, const float *target, const float *weight, const float *dy, float *dx,
                            int64_t n, int64_t size);

/* Moving and looking up: IndexKernels.java */
void kiln_copy_blocks(const char *x, char *y, int64_t count, int64_t block, int64_t x_start, int64_t x_stride, int64_t y_start,
                      int64_t y_stride);
void kiln_pad_blocks(const char *x, char *y, int64_t count, int64_t before, int64_t block, int64_t after);
void kiln_permute(int32_t bf16, const void *x, void *y, const int64_t *layout, int64_t unit);
void kiln_roll(int32_t bf16, const void *x, void *y, const int64_t *layout);
void kiln_select_rows(const int32_t *x, const int32_t *alternative, const int32_t *keep, int32_t *y, int64_t n, int64_t size);
int64_t kiln_embedding(const float *table, const int32_t *ids, float *y, int64_t n, int64_t rows, int64_t c);
int64_t kiln_embedding_grad(const int32_t *ids, const float *dy, float *dtable, int64_t n, int64_t rows, int64_t c,
                            int64_t padding);
void kiln_causal_mask(int32_t *y, int64_t length);
void kiln_relative_position_bias(const float *table, const int32_t *buckets, float *y, int64_t heads, int64_t lq, int64_t lk);
void kiln_relative_position_bias_grad(const float *dy, const int32_t *buckets, float *dtable, float *diagonals,
                                      int64_t num_buckets, int64_t heads, int64_t lq, int64_t lk);

/* Products and convolutions around oneDNN: ProductKernels.java. A window is {n, h, w, c, ho, wo, kh, kw, strides, dilations and
 * first paddings, each for height and width}; bf16 says whether the map, or the turned matrix, is bfloat16. */
void kiln_unfold(int32_t bf16, const void *x, void *y, const int64_t *window);
void kiln_fold(int32_t bf16, const float *x, void *y, const int64_t *window);
void kiln_turn(int32_t bf16, const float *x, const float *bias, void *y, int64_t rows, int64_t columns);

/* Feature maps and timesteps: MapKernels.java */
void kiln_upsample_nearest(int32_t bf16, const void *x, void *y, int64_t n, int64_t h, int64_t w, int64_t height,
                           int64_t width, int64_t c);
void kiln_upsample_nearest_grad(int32_t bf16, const void *dy, void *dx, int64_t n, int64_t h, int64_t w, int64_t height,
                                int64_t width, int64_t c);
void kiln_avg_pool2d(const float *x, float *y, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width, int64_t c,
                     int64_t kernel, int64_t stride);
void kiln_avg_pool2d_grad(const float *dy, float *dx, int64_t n, int64_t h, int64_t w, int64_t height, int64_t width, int64_t c,
                          int64_t kernel, int64_t stride);
void kiln_timestep_embedding_f32(const float *t, float *y, int64_t n, int64_t dim, int32_t flip_sin_to_cos,
                                 float frequency_shift, float max_period);
void kiln_timestep_embedding_i32(const int32_t *t, float *y, int64_t n, int64_t dim, int32_t flip_sin_to_cos,
                                 float frequency_shift, float max_period);

/* Element types: CastKernels.java */
void kiln_cast_f16_f32(const uint16_t *x, float *y, int64_t n);
void kiln_cast_bf16_f32(const uint16_t *x, float *y, int64_t n);
int64_t kiln_cast_f64_f32(const double *x, float *y, int64_t n, int32_t to_odd);
int64_t kiln_cast_f32_f16(const float *x, uint16_t *y, int64_t n);
int64_t kiln_cast_f32_bf16(const float *x, uint16_t *y, int64_t n);

/* Optimizer: OptimizerKernels.java */
void kiln_adamw_f32(float *weight, const float *gradient, float *first, float *second, float *average, uint16_t *copy,
                    int64_t n, float gradient_scale, float beta1, float beta2, float epsilon, float decay, float step_size,
                    float root_correction, float average_rate);
void kiln_ema_f32(float *average, const float *value, int64_t n, float rate);
double kiln_sum_of_squares_f32(const float *x, int64_t n);

/* Random numbers: RandomKernels.java */
void kiln_philox_words(uint32_t *out, int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed,
                       uint32_t stream, uint32_t step);
void kiln_philox_uniform(float *out, int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed,
                         uint32_t stream, uint32_t step);
void kiln_philox_normal(float *out, int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed,
                        uint32_t stream, uint32_t step);

/* Sums over ranks: ReduceKernels.java */
void kiln_reduce_f32(const float *const *sources, int64_t num_sources, float *out, int64_t count, int32_t reduction);
void kiln_reduce_bf16(const uint16_t *const *sources, int64_t num_sources, uint16_t *out, int64_t count, int32_t reduction);
void kiln_reduce_i32(const int32_t *const *sources, int64_t num_sources, int32_t *out, int64_t count, int32_t reduction);
void kiln_reduce_i64(const int64_t *const *sources, int64_t num_sources, int64_t *out, int64_t count, int32_t reduction);
void kiln_divide_f32(float *data, int64_t count, int64_t divisor);
void kiln_divide_bf16(uint16_t *data, int64_t count, int64_t divisor);
void kiln_divide_i32(int32_t *data, int64_t count, int64_t divisor);
void kiln_divide_i64(int64_t *data, int64_t count, int64_t divisor);

/* Pictures: PictureKernels.java */
int64_t kiln_png_unfilter(const uint8_t *x, uint8_t *y, const uint8_t *zeros, int64_t height, int64_t stride, int64_t pixel);
int64_t kiln_resize_rgb_scratch(int64_t rows, int64_t columns, int64_t width);
void kiln_resize_rgb(const uint8_t *x, int64_t x_stride, uint8_t *y, int64_t rows, int64_t columns, int64_t height, int64_t width,
                     const int32_t *column_spans, const float *column_weights, int64_t column_taps, const int32_t *row_spans,
                     const float *row_weights, int64_t row_taps, char *scratch);

#pragma GCC visibility pop

#endif
