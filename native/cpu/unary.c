/* Elementwise functions and their gradients. Operations: Unary, UnaryGrad. */
#ifndef elem
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

/* y = function of v, an element of x. */
#define KILN_MAP(function)                                                                \
  _Pragma("omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)") \
  for (int64_t i = 0; i < n; i++) {                                                       \
    float v = LOAD(x[i]);                                                                 \
    y[i] = STORE(function);                                                               \
  }

/* dx = function of v, an element of x, and d, one of dy. */
#define KILN_MAP_GRAD(function)                                                           \
  _Pragma("omp parallel for simd schedule(static) if (parallel : n > KILN_PARALLEL_MIN)") \
  for (int64_t i = 0; i < n; i++) {                                                       \
    float v = LOAD(x[i]);                                                                 \
    float d = LOAD(dy[i]);                                                                \
    dx[i] = STORE(function);                                                              \
  }

#define KILN_BODY "unary.c"
#include "float_types.h"

void kiln_unary(int32_t bf16, int32_t function, const void *x, void *y, int64_t n) {
  KILN_CALL_TYPED(bf16, unary, function, x, y, n);
}

void kiln_unary_grad(int32_t bf16, int32_t function, const void *x, const void *dy, void *dx, int64_t n) {
  KILN_CALL_TYPED(bf16, unary_grad, function, x, dy, dx, n);
}

#else

static void TYPED(unary)(int32_t function, const elem *x, elem *y, int64_t n) {
  switch (function) {
    case EXP: KILN_MAP(kiln_exp(v)); break;
    case SIGMOID: KILN_MAP(kiln_sigmoid(v)); break;
    case TANH: KILN_MAP(kiln_tanh(v)); break;
    case SILU: KILN_MAP(v * kiln_sigmoid(v)); break;
    case GELU: KILN_MAP(kiln_gelu(v)); break;
    case GELU_TANH: KILN_MAP(v * gelu_tanh_gate(v)); break;
    case SQUARE: KILN_MAP(v * v); break;
    default: KILN_MAP(v < 0.0f ? 0.0f : v); break;
  }
}

static void TYPED(unary_grad)(int32_t function, const elem *x, const elem *dy, elem *dx, int64_t n) {
  switch (function) {
    case EXP: KILN_MAP_GRAD(d * kiln_exp(v)); break;
    case SIGMOID: KILN_MAP_GRAD(d * sigmoid_derivative(v)); break;
    case TANH: KILN_MAP_GRAD(d * tanh_derivative(v)); break;
    case SILU: KILN_MAP_GRAD(d * silu_derivative(v)); break;
    case GELU: KILN_MAP_GRAD(d * kiln_gelu_derivative(v)); break;
    case GELU_TANH: KILN_MAP_GRAD(d * gelu_tanh_derivative(v)); break;
    case SQUARE: KILN_MAP_GRAD(d * 2.0f * v); break;
    default: KILN_MAP_GRAD(v > 0.0f ? d : 0.0f); break;
  }
}

#endif
