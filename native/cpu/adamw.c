/* AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW computes it, in one pass over a flat shard: gradient scale
 * (global-norm clip), decoupled weight decay, both moments, the step; and, while the new weight is at hand, what else is to be
 * made of it: an exponential moving average and a bfloat16 copy. */
#include "bf16.h"
#include "kernels.h"

/* average and copy are touched only if the flag beside them is set, a constant where this is called. */
KILN_INLINE void pass(float *weight, const float *gradient, float *first, float *second, float *average, int averages,
                      uint16_t *copy, int copies, int64_t n, float gradient_scale, float beta1, float beta2, float epsilon,
                      float decay, float step_size, float root_correction, float average_rate) {
#pragma omp parallel for simd schedule(static)
  for (int64_t i = 0; i < n; i++) {
    float g = gradient[i] * gradient_scale;
    float m = first[i] + (g - first[i]) * (1 - beta1);
    float v = second[i] * beta2 + g * g * (1 - beta2);
    float w = weight[i] * decay - step_size * m / (sqrtf(v) / root_correction + epsilon);
    first[i] = m;
    second[i] = v;
    weight[i] = w;
    if (averages) average[i] -= average_rate * (average[i] - w);
    if (copies) copy[i] = kiln_bf16_store(w);
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
