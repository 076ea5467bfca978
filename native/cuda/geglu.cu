/* a * gelu(b) for the halves a, b of every row, and its gradient. Operations: Geglu, GegluGrad. x [rows, 2 * width]. */
#include "kernels.h"
#include "functions.h"

/* Where element i of a tensor [rows, width] has its a in x; its b is width further. */
KILN_INLINE int64_t half_of(int64_t i, int64_t width) { return i + kiln_div(i, width) * width; }

template <typename T>
KILN_INLINE void geglu(const T *x, T *y, int64_t rows, int64_t width) {
  kiln_each<T>(rows * width, kiln_aligned(x, y) && width % kiln_pack<T>::count == 0, [=](auto lanes, int64_t i) {
    int64_t at = half_of(i, width);
    auto a = kiln_read<lanes.count>(x + at);
    auto b = kiln_read<lanes.count>(x + at + width);
    for (int k = 0; k < lanes.count; k++) a.at[k] *= kiln_gelu(b.at[k]);
    kiln_write(y + i, a);
  });
}

/* dx may be x: every thread has read what it writes over. */
template <typename T>
KILN_INLINE void geglu_grad(const T *x, const T *dy, T *dx, int64_t rows, int64_t width) {
  kiln_each<T>(rows * width, kiln_aligned(x, dy, dx) && width % kiln_pack<T>::count == 0, [=](auto lanes, int64_t i) {
    int64_t at = half_of(i, width);
    auto a = kiln_read<lanes.count>(x + at);
    auto b = kiln_read<lanes.count>(x + at + width);
    auto d = kiln_read<lanes.count>(dy + i);
    for (int k = 0; k < lanes.count; k++) {
      float density;
      float value = a.at[k];
      float gate = b.at[k];
      float below = kiln_normal(gate, &density);
      a.at[k] = d.at[k] * (gate * below);
      b.at[k] = d.at[k] * value * (below + gate * density);
    }
    kiln_write(dx + at, a);
    kiln_write(dx + at + width, b);
  });
}

KILN_ELEMENTS kiln_geglu(int32_t bf16, const void *x, void *y, int64_t rows, int64_t width) {
  if (bf16) {
    geglu((const uint16_t *)x, (uint16_t *)y, rows, width);
  } else {
    geglu((const float *)x, (float *)y, rows, width);
  }
}
KILN_REGISTER(kiln_geglu);

KILN_ELEMENTS kiln_geglu_grad(int32_t bf16, const void *x, const void *dy, void *dx, int64_t rows, int64_t width) {
  if (bf16) {
    geglu_grad((const uint16_t *)x, (const uint16_t *)dy, (uint16_t *)dx, rows, width);
  } else {
    geglu_grad((const float *)x, (const float *)dy, (float *)dx, rows, width);
  }
}
KILN_REGISTER(kiln_geglu_grad);
