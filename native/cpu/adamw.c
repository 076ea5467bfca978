/* AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW computes it, in one pass over a flat shard: gradient scale
 * (global-norm clip), decoupled weight decay, both moments, the step; and, while the new weight is at hand, what else is to be
 * made of it: an exponential moving average and a bfloat16 copy. */
#include <string.h>

#include "bf16.h"
#include "kernels.h"

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#define CHUNK 1024 /* elements whose copy is gathered in the first-level cache */

/* Writes a chunk past the caches, which would otherwise read from memory first what is overwritten as a whole. */
static void stream(const uint16_t *x, uint16_t *y, int64_t n) {
#ifdef __AVX512F__
  if (n == CHUNK && (uintptr_t)y % 32 == 0) {
    for (int64_t i = 0; i < CHUNK; i += 16) _mm256_stream_si256((__m256i *)(y + i), _mm256_load_si256((const __m256i *)(x + i)));
    return;
  }
#endif
  memcpy(y, x, (size_t)n * sizeof(uint16_t));
}

/* average and copy are touched only if the flag beside them is set, a constant where this is called. */
KILN_INLINE void pass(float *weight, const float *gradient, float *first, float *second, float *average, int averages,
                      uint16_t *copy, int copies, int64_t n, float gradient_scale, float beta1, float beta2, float epsilon,
                      float decay, float step_size, float root_correction, float average_rate) {
#pragma omp parallel for schedule(static)
  for (int64_t start = 0; start < n; start += CHUNK) {
    int64_t end = kiln_min(start + CHUNK, n);
    uint16_t rounded[CHUNK] __attribute__((aligned(64)));
#pragma omp simd
    for (int64_t i = start; i < end; i++) {
      float g = gradient[i] * gradient_scale;
      float m = first[i] + (g - first[i]) * (1 - beta1);
      float v = second[i] * beta2 + g * g * (1 - beta2);
      float w = weight[i] * decay - step_size * m / (sqrtf(v) / root_correction + epsilon);
      first[i] = m;
      second[i] = v;
      weight[i] = w;
      if (averages) average[i] -= average_rate * (average[i] - w);
      if (copies) rounded[i - start] = kiln_bf16_store(w);
    }
    if (copies) stream(rounded, copy + start, end - start);
  }
}

/* step_size = lr / (1 - beta1^t); root_correction = sqrt(1 - beta2^t); decay = 1 - lr * weight_decay. average and copy may be
 * NULL; the average moves by average_rate of the distance, as in kiln_ema_f32. */
void kiln_adamw_f32(float *weight, const float *gradient, float *first, float *second, float *average, uint16_t *copy,
                    int64_t n, float gradient_scale, float beta1, float beta2, float epsilon, float decay, float step_size,
                    float root_correction, float average_rate) {
#define PASS(averages, copies)                                                                                                 \
  pass(weight, gradient, first, second, average, averages, copy, copies, n, gradient_scale, beta1, beta2, epsilon, decay,      \
       step_size, root_correction, average_rate)
  if (average != NULL && copy != NULL) {
    PASS(1, 1);
  } else if (average != NULL) {
    PASS(1, 0);
  } else if (copy != NULL) {
    PASS(0, 1);
  } else {
    PASS(0, 0);
  }
#undef PASS
}
