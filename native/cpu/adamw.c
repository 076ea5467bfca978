/* AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW computes it, in one pass over a flat shard: gradient scale
 * (global-norm clip), decoupled weight decay, both moments, the step. */
#include "kernels.h"

/* step_size = lr / (1 - beta1^t); root_correction = sqrt(1 - beta2^t); decay = 1 - lr * weight_decay. */
void kiln_adamw_f32(float *weight, const float *gradient, float *first, float *second, int64_t n,
                    float gradient_scale, float beta1, float beta2, float epsilon, float decay, float step_size,
                    float root_correction) {
#pragma omp parallel for simd schedule(static)
  for (int64_t i = 0; i < n; i++) {
    float g = gradient[i] * gradient_scale;
    float m = first[i] + (g - first[i]) * (1 - beta1);
    float v = second[i] * beta2 + g * g * (1 - beta2);
    first[i] = m;
    second[i] = v;
    weight[i] = weight[i] * decay - step_size * m / (sqrtf(v) / root_correction + epsilon);
  }
}
