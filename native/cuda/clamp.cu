/* y = min(max(x, low), high) and its gradient; NaN stays NaN. Operations: Clamp, ClampGrad. */
#include "kernels.h"

template <typename T>
KILN_INLINE void clamp(const T *x, T *y, int64_t n, float low, float high) {
  kiln_each<T>(n, kiln_aligned(x, y), [=](auto lanes, int64_t i) {
    auto v = kiln_read<lanes.count>(x + i);
    for (float &e : v.at) {
      float raised = e < low ? low : e;
      e = raised > high ? high : raised;
    }
    kiln_write(y + i, v);
  });
}

template <typename T>
KILN_INLINE void clamp_grad(const T *x, const T *dy, T *dx, int64_t n, float low, float high) {
  kiln_each<T>(n, kiln_aligned(x, dy, dx), [=](auto lanes, int64_t i) {
    auto v = kiln_read<lanes.count>(x + i);
    auto d = kiln_read<lanes.count>(dy + i);
    for (int k = 0; k < lanes.count; k++) d.at[k] = v.at[k] >= low && v.at[k] <= high ? d.at[k] : 0.0f;
    kiln_write(dx + i, d);
  });
}

KILN_ELEMENTS kiln_clamp(int32_t bf16, const void *x, void *y, int64_t n, float low, float high) {
  if (bf16) {
    clamp((const uint16_t *)x, (uint16_t *)y, n, low, high);
  } else {
    clamp((const float *)x, (float *)y, n, low, high);
  }
}
KILN_REGISTER(kiln_clamp);

KILN_ELEMENTS kiln_clamp_grad(int32_t bf16, const void *x, const void *dy, void *dx, int64_t n, float low, float high) {
  if (bf16) {
    clamp_grad((const uint16_t *)x, (const uint16_t *)dy, (uint16_t *)dx, n, low, high);
  } else {
    clamp_grad((const float *)x, (const float *)dy, (float *)dx, n, low, high);
  }
}
KILN_REGISTER(kiln_clamp_grad);
