/* y = scale * x + shift, from float32 or bfloat16 to the same, or from uint8 or int32 to float32. Operation: Affine. */
#include "kernels.h"

template <typename T>
KILN_INLINE void affine(const T *x, T *y, int64_t n, float scale, float shift) {
  kiln_each<T>(n, kiln_aligned(x, y), [=](auto lanes, int64_t i) {
    auto v = kiln_read<lanes.count>(x + i);
    for (float &e : v.at) e = scale * e + shift;
    kiln_write(y + i, v);
  });
}

KILN_ELEMENTS kiln_affine(int32_t bf16, const void *x, void *y, int64_t n, float scale, float shift) {
  if (bf16) {
    affine((const uint16_t *)x, (uint16_t *)y, n, scale, shift);
  } else {
    affine((const float *)x, (float *)y, n, scale, shift);
  }
}
KILN_REGISTER(kiln_affine);

KILN_ELEMENTS kiln_affine_u8(const uint8_t *x, float *y, int64_t n, float scale, float shift) {
  for (int64_t i = kiln_thread(); i < n; i += kiln_threads()) y[i] = scale * (float)x[i] + shift;
}
KILN_REGISTER(kiln_affine_u8);

KILN_ELEMENTS kiln_affine_i32(const int32_t *x, float *y, int64_t n, float scale, float shift) {
  for (int64_t i = kiln_thread(); i < n; i += kiln_threads()) y[i] = scale * (float)x[i] + shift;
}
KILN_REGISTER(kiln_affine_i32);
