/* What tensors, convolutions and operations must be. */
#include <string.h>

#include "attributes.h"
#include "operands.h"

static size_t element_bytes(int32_t type) { return type == BF16 ? 2 : 4; }

int64_t span_bytes(const tensor *t) {
  int64_t last = 0;
  for (int i = 0; i < 4; i++) last += (t->dims[i] - 1) * t->strides[i];
  return (last + 1) * (int64_t)element_bytes(t->type);
}

int32_t check_tensor(state *s) {
  const attribute *dims = find(s, TENSOR_DIMS), *strides = find(s, TENSOR_STRIDES);
  tensor *t = &s->tensor;
  *t = (tensor){number(s, TENSOR_ID), {1, 1, 1, 1}, {1, 1, 1, 1}, number(s, TENSOR_ALIGNMENT),
                (int32_t)number(s, TENSOR_TYPE), number(s, TENSOR_IS_VIRTUAL) != 0, number(s, TENSOR_IS_VALUE) != 0};
  long long id = t->id;
  if (t->type != F32 && t->type != BF16) return fail(NOT_SUPPORTED_DATA_TYPE, "tensor %lld: type %d", id, t->type);
  if (dims->count != strides->count) return fail(BAD_PARAM, "tensor %lld: as many strides as dimensions are wanted", id);
  if (dims->count > 4) return fail(NOT_SUPPORTED_SHAPE, "tensor %lld: more than four axes", id);
  if (t->alignment <= 0 || t->alignment % (int64_t)element_bytes(t->type) != 0) {
    return fail(BAD_PARAM, "tensor %lld: its alignment is no multiple of its elements", id);
  }
  if (t->is_virtual && t->is_value) return fail(BAD_PARAM, "tensor %lld: virtual and by value", id);
  int64_t skip = 4 - dims->count, elements = 1;
  memcpy(&t->dims[skip], dims->values, (size_t)dims->count * 8);
  memcpy(&t->strides[skip], strides->values, (size_t)strides->count * 8);
  for (int i = 0; i < 4; i++) {
    if (t->dims[i] < 1 || t->strides[i] < 0) return fail(BAD_PARAM, "tensor %lld: dimension or stride %d", id, i);
    elements *= t->dims[i];
  }
  if (t->is_value && t->type != F32) return fail(NOT_SUPPORTED_DATA_TYPE, "tensor %lld: by value, and not float32", id);
  if (t->is_value && elements != 1) return fail(BAD_PARAM, "tensor %lld: by value, and of more than one element", id);
  return SUCCESS;
}

int32_t check_convolution(state *s) {
  int64_t spatial = number(s, CONVOLUTION_SPATIAL);
  static const int32_t LISTS[] = {CONVOLUTION_DILATIONS, CONVOLUTION_STRIDES, CONVOLUTION_BEFORE, CONVOLUTION_AFTER};
  for (int i = 0; i < 4; i++) {
    const attribute *list = find(s, LISTS[i]);
    if (list->count != spatial) return fail(BAD_PARAM, "attribute %d: not one for each axis", LISTS[i]);
    for (int64_t j = 0; j < spatial; j++) {
      if (((int64_t *)list->values)[j] < (i < 2 ? 1 : 0)) return fail(BAD_PARAM, "attribute %d: it is too small", LISTS[i]);
    }
  }
  return SUCCESS;
}

static void read_convolution(operation *o, const state *s) {
  o->mode = (int32_t)number(s, CONVOLUTION_MODE);
  o->spatial = (int32_t)number(s, CONVOLUTION_SPATIAL);
  for (int i = 0; i < 2 && i < o->spatial; i++) {
    o->dilation[i] = ((int64_t *)find(s, CONVOLUTION_DILATIONS)->values)[i];
    o->stride[i] = ((int64_t *)find(s, CONVOLUTION_STRIDES)->values)[i];
    o->before[i] = ((int64_t *)find(s, CONVOLUTION_BEFORE)->values)[i];
    o->after[i] = ((int64_t *)find(s, CONVOLUTION_AFTER)->values)[i];
  }
}

static int32_t check_shapes(const operation *o, const tensor *x, const tensor *w, const tensor *y) {
  int64_t groups = x->dims[1] / w->dims[1];
  bool fit = x->dims[1] % w->dims[1] == 0 && w->dims[0] % groups == 0;
  if (!fit || x->dims[0] != y->dims[0] || w->dims[0] != y->dims[1]) {
    return fail(BAD_PARAM_SHAPE_MISMATCH, "a convolution whose channels or batches do not fit");
  }
  for (int i = 0; i < 2 && o->spatial == 2; i++) {
    int64_t in = x->dims[2 + i] + o->before[i] + o->after[i] - o->dilation[i] * (w->dims[2 + i] - 1) - 1;
    if (in < 0 || in / o->stride[i] + 1 != y->dims[2 + i]) {
      return fail(BAD_PARAM_SHAPE_MISMATCH, "a convolution whose output does not fit along axis %d", 2 + i);
    }
  }
  return SUCCESS;
}

static float real(const state *s, int32_t name) { return *(const float *)find(s, name)->values; }

static int32_t check_convolution_operation(state *s, operands t) {
  operation *o = &s->operation;
  bool forward = s->kind == CONVOLUTION_FORWARD, data = s->kind == CONVOLUTION_BACKWARD_DATA;
  read_convolution(o, referred(s, forward ? FORWARD_CONVOLUTION : data ? DATA_CONVOLUTION : FILTER_CONVOLUTION, 0));
  o->alpha = real(s, forward ? FORWARD_ALPHA : data ? DATA_ALPHA : FILTER_ALPHA);
  o->beta = real(s, forward ? FORWARD_BETA : data ? DATA_BETA : FILTER_BETA);
  const tensor *x = forward ? t.a : data ? t.to : t.a;
  const tensor *w = forward ? t.b : data ? t.a : t.to;
  const tensor *y = forward ? t.to : t.b;
  return check_shapes(o, x, w, y);
}

static bool spreads(int64_t extent, int64_t over) { return extent == 1 || extent == over; }

operands operands_of(const state *s) {
#define AT(name) (referred(s, name, 0) == NULL ? NULL : &referred(s, name, 0)->tensor)
  switch (s->kind) {
    case CONVOLUTION_FORWARD: return (operands){AT(FORWARD_X), AT(FORWARD_W), AT(FORWARD_Y)};
    case CONVOLUTION_BACKWARD_DATA: return (operands){AT(DATA_W), AT(DATA_DY), AT(DATA_DX)};
    case CONVOLUTION_BACKWARD_FILTER: return (operands){AT(FILTER_X), AT(FILTER_DY), AT(FILTER_DW)};
    case OPERATION_POINTWISE: return (operands){AT(POINTWISE_X), AT(POINTWISE_B), AT(POINTWISE_Y)};
    case OPERATION_MATMUL: return (operands){AT(MATMUL_A), AT(MATMUL_B), AT(MATMUL_C)};
    case OPERATION_REDUCTION: return (operands){AT(REDUCTION_X), NULL, AT(REDUCTION_Y)};
    default: return (operands){AT(RESHAPE_X), NULL, AT(RESHAPE_Y)};
  }
#undef AT
}

static int32_t check_matmul(operands t) {
  bool fit = t.a->dims[3] == t.b->dims[2] && t.a->dims[2] == t.to->dims[2] && t.b->dims[3] == t.to->dims[3];
  for (int i = 0; i < 2; i++) fit = fit && spreads(t.a->dims[i], t.to->dims[i]) && spreads(t.b->dims[i], t.to->dims[i]);
  return fit ? SUCCESS : fail(BAD_PARAM, "a product whose factors do not fit");
}

static int32_t check_pointwise(state *s, operands t) {
  int32_t mode = s->operation.mode = (int32_t)number(referred(s, POINTWISE_HOW, 0), POINTWISE_MODE);
  bool two = mode == ADD || mode == SUB || mode == MUL || mode == DIV;
  if (!two && mode != EXP && mode != LOG && mode != IDENTITY) return fail(NOT_SUPPORTED_GRAPH_PATTERN, "pointwise mode %d", mode);
  if (two != (t.b != NULL)) return fail(BAD_PARAM, "pointwise mode %d: a second tensor is wanted, or was set and is not", mode);
  for (int i = 0; i < 4; i++) {
    if (!spreads(t.a->dims[i], t.to->dims[i]) || (two && !spreads(t.b->dims[i], t.to->dims[i]))) {
      return fail(BAD_PARAM, "a pointwise operation whose tensors do not fit along axis %d", i);
    }
  }
  return SUCCESS;
}

static int32_t check_reduction(state *s, operands t) {
  int32_t mode = s->operation.mode = (int32_t)number(referred(s, REDUCTION_HOW, 0), REDUCTION_OPERATOR);
  if (mode != REDUCE_ADD && mode != REDUCE_MAX) return fail(NOT_SUPPORTED_GRAPH_PATTERN, "reduction %d", mode);
  for (int i = 0; i < 4; i++) {
    if (!spreads(t.to->dims[i], t.a->dims[i])) return fail(BAD_PARAM, "a reduction whose tensors do not fit along axis %d", i);
  }
  return SUCCESS;
}

int32_t check_operation(state *s) {
  operands t = operands_of(s);
  s->operation.kind = s->kind;
  if (t.to->is_value) return fail(BAD_PARAM, "an operation that writes a value");
  switch (s->kind) {
    case OPERATION_POINTWISE: return check_pointwise(s, t);
    case OPERATION_MATMUL: return check_matmul(t);
    case OPERATION_REDUCTION: return check_reduction(s, t);
    case OPERATION_RESHAPE: {
      int64_t from = 1, to = 1;
      for (int i = 0; i < 4; i++) from *= t.a->dims[i], to *= t.to->dims[i];
      return from == to ? SUCCESS : fail(BAD_PARAM, "a reshape to another number of elements");
    }
    default: return check_convolution_operation(s, t);
  }
}
