/* Elementwise functions and their gradients. Operations: Unary, UnaryGrad. */
#include "kernels.h"
#include "vector_math.h"

enum { EXP, SIGMOID, TANH, SILU, GELU, GELU_TANH, SQUARE, RELU }; /* in the order of kiln.model.op.Unary.Function */

/* x * (1 + tanh(u)) / 2 = x * sigmoid(2 u) with u = sqrt(2 / pi) (x + 0.044715 x^3) */
KILN_INLINE float gelu_tanh_gate(float x) { return kiln_sigmoid(1.5957691216057308f * (x + 0.044715f * x * x * x)); }

KILN_INLINE float sigmoid_derivative(float x) {
  float s = kiln_sigmoid(x);
  return s * (1.0f - s);
}

KILN_INLINE float tanh_derivative(float x) {
  float t = kiln_tanh(x);
  return 1.0f - t * t;
}

KILN_INLINE float silu_derivative(float x) {
  float s = kiln_sigmoid(x);
  return s * (1.0f + x * (1.0f - s));
}

KILN_INLINE float gelu_tanh_derivative(float x) {
  float s = gelu_tanh_gate(x);
  return s + x * s * (1.0f - s) * (1.5957691216057308f * (1.0f + 0.134145f * x * x));
}

#define KILN_MAP(result, function)                                                             \
  _Pragma("omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)") \
  for (int64_t i = 0; i < n; i++) result[i] = (function)

void kiln_unary(int32_t function, const float *x, float *y, int64_t n) {
  switch (function) {
    case EXP: KILN_MAP(y, kiln_exp(x[i])); break;
    case SIGMOID: KILN_MAP(y, kiln_sigmoid(x[i])); break;
    case TANH: KILN_MAP(y, kiln_tanh(x[i])); break;
    case SILU: KILN_MAP(y, x[i] * kiln_sigmoid(x[i])); break;
    case GELU: KILN_MAP(y, kiln_gelu(x[i])); break;
    case GELU_TANH: KILN_MAP(y, x[i] * gelu_tanh_gate(x[i])); break;
    case SQUARE: KILN_MAP(y, x[i] * x[i]); break;
    default: KILN_MAP(y, x[i] < 0.0f ? 0.0f : x[i]); break;
  }
}

void kiln_unary_grad(int32_t function, const float *x, const float *dy, float *dx, int64_t n) {
  switch (function) {
    case EXP: KILN_MAP(dx, dy[i] * kiln_exp(x[i])); break;
    case SIGMOID: KILN_MAP(dx, dy[i] * sigmoid_derivative(x[i])); break;
    case TANH: KILN_MAP(dx, dy[i] * tanh_derivative(x[i])); break;
    case SILU: KILN_MAP(dx, dy[i] * silu_derivative(x[i])); break;
    case GELU: KILN_MAP(dx, dy[i] * kiln_gelu_derivative(x[i])); break;
    case GELU_TANH: KILN_MAP(dx, dy[i] * gelu_tanh_derivative(x[i])); break;
    case SQUARE: KILN_MAP(dx, dy[i] * 2.0f * x[i]); break;
    default: KILN_MAP(dx, x[i] > 0.0f ? dy[i] : 0.0f); break;
  }
}
