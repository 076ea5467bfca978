/* Descriptors: bags of attributes that are completed once. */
#include "cudnn.h"

#include <stdlib.h>
#include <string.h>

#include "attributes.h"

#define DESCRIPTOR 0x64657363

state *new_state(int32_t kind) {
  state *s = calloc(1, sizeof(*s));
  s->kind = kind;
  s->references = 1;
  return s;
}

static void drop_values(attribute *a) {
  if (a->type == TYPE_DESCRIPTOR) {
    for (int64_t i = 0; i < a->count; i++) release(((state **)a->values)[i]);
  }
  free(a->values);
}

void release(state *s) {
  if (--s->references > 0) return;
  for (attribute *a = s->attributes; a != NULL;) {
    attribute *next = a->next;
    drop_values(a);
    free(a);
    a = next;
  }
  free(s);
}

static descriptor *descriptor_of(void *pointer) {
  descriptor *d = pointer;
  return d != NULL && d->magic == DESCRIPTOR ? d : NULL;
}

state *state_of(void *pointer) {
  descriptor *d = descriptor_of(pointer);
  return d == NULL ? NULL : d->state;
}

const attribute *find(const state *s, int32_t name) {
  for (const attribute *a = s->attributes; a != NULL; a = a->next) {
    if (a->name == name) return a;
  }
  return NULL;
}

int64_t number(const state *s, int32_t name) {
  const attribute *a = find(s, name);
  if (a == NULL) return 0;
  switch (type_bytes(a->type)) {
    case 1: return *(const uint8_t *)a->values;
    case 4: return *(const int32_t *)a->values;
    default: return *(const int64_t *)a->values;
  }
}

state *referred(const state *s, int32_t name, int64_t i) {
  const attribute *a = find(s, name);
  return a == NULL || i >= a->count ? NULL : ((state **)a->values)[i];
}

void put(state *s, int32_t name, int32_t type, int64_t count, const void *values) {
  attribute *a = (attribute *)find(s, name);
  size_t bytes = (size_t)count * type_bytes(type);
  void *copy = malloc(bytes + 1);
  if (count > 0) memcpy(copy, values, bytes);
  for (int64_t i = 0; type == TYPE_DESCRIPTOR && i < count; i++) ((state **)copy)[i]->references++;
  if (a == NULL) {
    a = calloc(1, sizeof(*a));
    a->next = s->attributes;
    s->attributes = a;
  } else {
    drop_values(a);
  }
  a->name = name;
  a->type = type;
  a->count = count;
  a->values = copy;
}

EXPORT int32_t cudnnBackendCreateDescriptor(int32_t kind, void **created) {
  if (created == NULL) return fail(BAD_PARAM_NULL_POINTER, "no place for the descriptor");
  if (!is_kind(kind)) return fail(NOT_SUPPORTED_GRAPH_PATTERN, "descriptors of kind %d are not known here", kind);
  descriptor *d = malloc(sizeof(*d));
  *d = (descriptor){DESCRIPTOR, new_state(kind)};
  *created = d;
  made(1);
  return SUCCESS;
}

EXPORT int32_t cudnnBackendDestroyDescriptor(void *pointer) {
  descriptor *d = descriptor_of(pointer);
  if (d == NULL) return fail(BAD_PARAM, "no descriptor, or one that was destroyed");
  release(d->state);
  d->state = NULL;
  d->magic = 0; /* and the memory stays, so that a later use is found */
  made(-1);
  return SUCCESS;
}

EXPORT int32_t cudnnBackendSetAttribute(void *pointer, int32_t name, int32_t type, int64_t count, const void *values) {
  state *s = state_of(pointer);
  if (s == NULL) return fail(BAD_PARAM, "no descriptor, or one that was destroyed");
  if (s->complete) return fail(BAD_PARAM, "attribute %d is set after the descriptor was finalized", name);
  const attribute_rule *rule = rule_of(s->kind, name);
  if (rule == NULL || !rule->settable) return fail(BAD_PARAM, "no attribute %d to set in descriptors of kind %d", name, s->kind);
  if (type != rule->type) return fail(BAD_PARAM_ATTRIBUTE_TYPE, "attribute %d: type %d, expected %d", name, type, rule->type);
  if (count < rule->least || count > rule->most) {
    return fail(BAD_PARAM, "attribute %d: %lld elements, expected %d to %d", name, (long long)count, rule->least, rule->most);
  }
  if (values == NULL && count > 0) return fail(BAD_PARAM, "attribute %d: no values", name);
  if (type != TYPE_DESCRIPTOR) {
    put(s, name, type, count, values);
    return SUCCESS;
  }
  state *states[MAX_OPERATIONS];
  for (int64_t i = 0; i < count; i++) {
    states[i] = state_of(((void *const *)values)[i]);
    if (states[i] == NULL) return fail(BAD_PARAM, "attribute %d: no descriptor, or one that was destroyed", name);
    if (!fits(rule, states[i]->kind)) {
      return fail(BAD_PARAM_DESCRIPTOR_TYPE, "attribute %d: a descriptor of kind %d", name, states[i]->kind);
    }
    /* The real one says so only when the descriptor that refers to it is used. */
    if (!states[i]->complete) return fail(BAD_PARAM_NOT_FINALIZED, "attribute %d: a descriptor that is not finalized", name);
  }
  put(s, name, type, count, states);
  return SUCCESS;
}

EXPORT int32_t cudnnBackendFinalize(void *pointer) {
  state *s = state_of(pointer);
  if (s == NULL) return fail(BAD_PARAM, "no descriptor, or one that was destroyed");
  if (s->complete) return fail(BAD_PARAM, "it was finalized before");
  int32_t missing = missing_attribute(s);
  if (missing >= 0) return fail(BAD_PARAM, "a descriptor of kind %d without attribute %d", s->kind, missing);
  int32_t status = SUCCESS;
  switch (s->kind) {
    case TENSOR: status = check_tensor(s); break;
    case CONVOLUTION: status = check_convolution(s); break;
    case CONVOLUTION_FORWARD:
    case CONVOLUTION_BACKWARD_DATA:
    case CONVOLUTION_BACKWARD_FILTER:
    case OPERATION_POINTWISE:
    case OPERATION_MATMUL:
    case OPERATION_REDUCTION:
    case OPERATION_RESHAPE: status = check_operation(s); break;
    case GRAPH: status = check_graph(s); break;
    case HEURISTIC: status = check_heuristic(s); break;
    case PLAN: status = check_plan(s); break;
    case DEVICE_PROPERTIES: status = check_device(s); break;
    case VARIANT_PACK: status = check_pack(s); break;
    case ENGINE:
    case ENGINE_CONFIGURATION: return fail(BAD_PARAM, "only those that a heuristic gives are known here");
    default: break;
  }
  s->complete = status == SUCCESS;
  return status;
}

/* Lets the caller's descriptors stand for what this one refers to. */
static int32_t give_descriptors(const attribute *a, int64_t count, void *values) {
  for (int64_t i = 0; i < count; i++) {
    descriptor *d = descriptor_of(((void **)values)[i]);
    state *s = ((state **)a->values)[i];
    if (d == NULL) return fail(BAD_PARAM, "attribute %d: no descriptor to give it by", a->name);
    if (d->state->kind != s->kind) return fail(BAD_PARAM_DESCRIPTOR_TYPE, "attribute %d: it is of kind %d", a->name, s->kind);
    s->references++;
    release(d->state);
    d->state = s;
  }
  return SUCCESS;
}

EXPORT int32_t cudnnBackendGetAttribute(void *pointer, int32_t name, int32_t type, int64_t room, int64_t *count, void *values) {
  state *s = state_of(pointer);
  if (s == NULL) return fail(BAD_PARAM, "no descriptor, or one that was destroyed");
  if (!s->complete) return fail(NOT_INITIALIZED, "the descriptor is not finalized");
  const attribute_rule *rule = rule_of(s->kind, name);
  if (rule == NULL) return fail(BAD_PARAM, "descriptors of kind %d have no attribute %d", s->kind, name);
  if (type != rule->type) return fail(BAD_PARAM_ATTRIBUTE_TYPE, "attribute %d: type %d, expected %d", name, type, rule->type);
  const attribute *a = find(s, name);
  int64_t there = a == NULL ? 0 : a->count;
  int64_t given = room > 0 && room < there ? room : there;
  if (count != NULL) *count = given;
  if (room <= 0 || values == NULL || given == 0) return SUCCESS; /* only how many there are */
  if (type == TYPE_DESCRIPTOR) return give_descriptors(a, given, values);
  memcpy(values, a->values, (size_t)given * type_bytes(type));
  return SUCCESS;
}
