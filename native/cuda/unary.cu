/* Elementwise functions and their gradients. Operations: Unary, UnaryGrad. */
#include "kernels.h"
#include "functions.h"

enum { EXP, SIGMOID, TANH, SILU, GELU, GELU_TANH, SQUARE, RELU }; /* in the order of kiln.model.op.Unary.Function */

/* x * (1 + tanh(u)) / 2 = x * sigmoid(2 u) with u = sqrt(2 / pi) (x + 0.044715 x^3) */
KILN_INLINE float gelu_tanh_gate(float x) { return kiln_sigmoid(1.5957691216057308f * (x + 0.044715f * x * x * x)); }

KILN_INLINE float gelu_tanh_derivative(float x) {
  float s = gelu_tanh_gate(x);
  return s + x * s * (1.0f - s) * (1.5957691216057308f * (1.0f + 0.134145f * x * x));
}

KILN_INLINE float sigmoid_derivative(float x) {
  float s = kiln_sigmoid(x);
  return s * (1.0f - s);
}

KILN_INLINE float tanh_derivative(float x) {
  float t = tanhf(x);
  return 1.0f - t * t;
}

template <typename T, typename F>
KILN_INLINE void map(const T *x, T *y, int64_t n, F f) {
  kiln_each<T>(n, kiln_aligned(x, y), [=](auto lanes, int64_t i) {
    auto v = kiln_read<lanes.count>(x + i);
    for (float &e : v.at) e = f(e);
    kiln_write(y + i, v);
  });
}

template <typename T, typename F>
KILN_INLINE void map_grad(const T *x, const T *dy, T *dx, int64_t n, F f) {
  kiln_each<T>(n, kiln_aligned(x, dy, dx), [=](auto lanes, int64_t i) {
    auto v = kiln_read<lanes.count>(x + i);
    auto d = kiln_read<lanes.count>(dy + i);
    for (int k = 0; k < lanes.count; k++) d.at[k] = f(v.at[k], d.at[k]);
    kiln_write(dx + i, d);
  });
}

template <typename T>
KILN_INLINE void unary(int32_t function, const T *x, T *y, int64_t n) {
  switch (function) {
    case EXP: map(x, y, n, [](float v) { return expf(v); }); break;
    case SIGMOID: map(x, y, n, [](float v) { return kiln_sigmoid(v); }); break;
    case TANH: map(x, y, n, [](float v) { return tanhf(v); }); break;
    case SILU: map(x, y, n, [](float v) { return v * kiln_sigmoid(v); }); break;
    case GELU: map(x, y, n, [](float v) { return kiln_gelu(v); }); break;
    case GELU_TANH: map(x, y, n, [](float v) { return v * gelu_tanh_gate(v); }); break;
    case SQUARE: map(x, y, n, [](float v) { return v * v; }); break;
    default: map(x, y, n, [](float v) { return v < 0.0f ? 0.0f : v; }); break;
  }
}

template <typename T>
KILN_INLINE void unary_grad(int32_t function, const T *x, const T *dy, T *dx, int64_t n) {
  switch (function) {
    case EXP: map_grad(x, dy, dx, n, [](float v, float d) { return d * expf(v); }); break;
    case SIGMOID: map_grad(x, dy, dx, n, [](float v, float d) { return d * sigmoid_derivative(v); }); break;
    case TANH: map_grad(x, dy, dx, n, [](float v, float d) { return d * tanh_derivative(v); }); break;
    case SILU: map_grad(x, dy, dx, n, [](float v, float d) { return d * kiln_silu_derivative(v); }); break;
    case GELU: map_grad(x, dy, dx, n, [](float v, float d) { return d * kiln_gelu_derivative(v); }); break;
    case GELU_TANH: map_grad(x, dy, dx, n, [](float v, float d) { return d * gelu_tanh_derivative(v); }); break;
    case SQUARE: map_grad(x, dy, dx, n, [](float v, float d) { return d * 2.0f * v; }); break;
    default: map_grad(x, dy, dx, n, [](float v, float d) { return v > 0.0f ? d : 0.0f; }); break;
  }
}

KILN_ELEMENTS kiln_unary(int32_t bf16, int32_t function, const void *x, void *y, int64_t n) {
  if (bf16) {
    unary(function, (const uint16_t *)x, (uint16_t *)y, n);
  } else {
    unary(function, (const float *)x, (float *)y, n);
  }
}
KILN_REGISTER(kiln_unary);

KILN_ELEMENTS kiln_unary_grad(int32_t bf16, int32_t function, const void *x, const void *dy, void *dx, int64_t n) {
  if (bf16) {
    unary_grad(function, (const uint16_t *)x, (const uint16_t *)dy, (uint16_t *)dx, n);
  } else {
    unary_grad(function, (const float *)x, (const float *)dy, (float *)dx, n);
  }
}
KILN_REGISTER(kiln_unary_grad);
