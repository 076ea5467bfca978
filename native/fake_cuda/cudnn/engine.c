/* What the library has engines for, how they differ, and plans. */
#define _GNU_SOURCE
#include <string.h>

#include "attributes.h"

/* Ways to compute. All but the plain one multiply with tensor cores, which round float32 factors to TF32. */
enum { PLAIN = 0, CORES_WITH_SCRATCH = 1, CORES = 2, VARYING = 3, PLAIN_WITH_SCRATCH = 4 };

#define SCRATCH 4096
#define SMALL_SCRATCH 256
#define WIDEST_HEAD_BACKWARD 256

static bool is_convolution(const operation *o) { return o->kind >= CONVOLUTION_FORWARD && o->kind <= CONVOLUTION_BACKWARD_DATA; }

static int32_t count_matmuls(const program *p) {
  int32_t n = 0;
  for (int32_t i = 0; i < p->num_operations; i++) n += p->operations[i].kind == OPERATION_MATMUL;
  return n;
}

bool adds_in_memory(const program *p, int32_t product) {
  const operation *o = &p->operations[product];
  if (o->kind != OPERATION_MATMUL || p->tensors[o->to].is_virtual || p->tensors[o->to].type != F32) return false;
  for (int32_t i = 0; i < p->num_operations; i++) {
    const operation *next = &p->operations[i];
    if (next->kind == OPERATION_POINTWISE && next->mode == IDENTITY && next->a == o->to) return true;
  }
  return false;
}

static bool varies(const program *p) {
  for (int32_t i = 0; i < p->num_operations; i++) {
    if (adds_in_memory(p, i)) return true;
  }
  return false;
}

/* A convolution alone, or forward with one number added for each channel. */
static int32_t supports_convolution(const program *p) {
  const operation *o = &p->operations[0];
  const tensor *to = &p->tensors[o->to];
  int32_t type = p->tensors[o->a].type;
  if (o->mode != CROSS_CORRELATION || o->spatial != 2) {
    return fail(NOT_SUPPORTED_GRAPH_PATTERN, "only cross-correlation of two dimensions");
  }
  if (p->tensors[o->b].type != type) return fail(NOT_SUPPORTED_DATA_TYPE, "a convolution of tensors of different types");
  if (p->num_operations == 1) {
    bool same = to->type == type && !to->is_virtual;
    return same ? SUCCESS : fail(NOT_SUPPORTED_DATA_TYPE, "a result of another type than the tensors");
  }
  const operation *bias = &p->operations[1];
  if (p->num_operations != 2 || o->kind != CONVOLUTION_FORWARD || bias->kind != OPERATION_POINTWISE || bias->mode != ADD ||
      bias->a != o->to || !to->is_virtual) {
    return fail(NOT_SUPPORTED_GRAPH_PATTERN, "after a convolution only a bias");
  }
  const tensor *b = &p->tensors[bias->b], *y = &p->tensors[bias->to];
  if (to->type != F32 || b->type != type || y->type != type) {
    return fail(NOT_SUPPORTED_DATA_TYPE, "a bias or result of another type");
  }
  bool per_channel = b->dims[0] == 1 && b->dims[1] == y->dims[1] && b->dims[2] == 1 && b->dims[3] == 1;
  return per_channel ? SUCCESS : fail(NOT_SUPPORTED_SHAPE, "a bias that is not one number for each channel");
}

/* Attention: products with pointwise operations and reductions between. Only forward may it be of float32. */
static int32_t supports_attention(const program *p) {
  bool backward = count_matmuls(p) > 2;
  for (int32_t i = 0; i < p->num_operations; i++) {
    const operation *o = &p->operations[i];
    const tensor *a = &p->tensors[o->a], *to = &p->tensors[o->to];
    if (is_convolution(o)) return fail(NOT_SUPPORTED_GRAPH_PATTERN, "a product and a convolution");
    if (o->kind == OPERATION_REDUCTION && !to->is_virtual && (to->type != BF16 || varies(p))) {
      return fail(NOT_SUPPORTED_DATA_TYPE, "a bias's gradient that is not bfloat16, or where sums may vary");
    }
    if (o->kind != OPERATION_MATMUL) continue;
    const tensor *b = &p->tensors[o->b];
    if (a->type != b->type) return fail(NOT_SUPPORTED_DATA_TYPE, "a product of different types");
    if (backward && a->type != BF16) return fail(NOT_SUPPORTED_DATA_TYPE, "the gradient of attention of float32");
    int64_t width = a->is_virtual || b->is_virtual ? to->dims[3] : a->dims[3];
    if (width % 8 != 0) return fail(NOT_SUPPORTED_SHAPE, "heads of a width of %lld", (long long)width);
    if (backward && width > WIDEST_HEAD_BACKWARD) {
      return fail(NOT_SUPPORTED_SHAPE, "the gradient of heads of a width of %lld", (long long)width);
    }
  }
  return SUCCESS;
}

static int32_t supports(const program *p) {
  if (is_convolution(&p->operations[0])) return supports_convolution(p);
  if (count_matmuls(p) > 0) return supports_attention(p);
  return fail(NOT_SUPPORTED_GRAPH_PATTERN, "neither a convolution nor attention");
}

/* Of attention whose sums may vary cuDNN (9.24) does not say so: the caller has chosen that by the graph. */
static engine make(int64_t index, int64_t workspace, bool attention) {
  engine e = {.index = index, .workspace = workspace};
  bool plain = index == PLAIN || index == PLAIN_WITH_SCRATCH;
  if (!plain) e.notes[e.num_notes++] = NOTE_TENSOR_CORE;
  if (index == VARYING && !attention) e.notes[e.num_notes++] = NOTE_NONDETERMINISTIC;
  return e;
}

static int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

/* The engines for attention, the best first; how many. Where gradients are repeatable, scratch is as large as cuDNN's. */
static int32_t list_attention(const program *p, engine *found) {
  const tensor *scores = NULL;
  for (int32_t i = 0; i < p->num_operations && scores == NULL; i++) {
    if (p->operations[i].kind == OPERATION_MATMUL) scores = &p->tensors[p->operations[i].to];
  }
  const int64_t *d = scores->dims;
  if (varies(p)) {
    found[0] = make(VARYING, SMALL_SCRATCH, true);
  } else if (count_matmuls(p) > 2) {
    found[0] = make(CORES_WITH_SCRATCH, d[0] * d[1] * round_up(d[2], 64) * round_up(d[3], 128) * 2 + SMALL_SCRATCH, true);
  } else {
    found[0] = make(CORES_WITH_SCRATCH, SMALL_SCRATCH, true);
    found[1] = make(CORES, 0, true);
    return 2;
  }
  return 1;
}

/* The engines for a graph, the best first; how many. */
static int32_t list(const program *p, int64_t mode, engine *found) {
  int32_t n = 0;
  const operation *first = &p->operations[0];
  if (!is_convolution(first)) return mode == HEURISTIC_FALLBACK ? 0 : list_attention(p, found);
  if (mode == HEURISTIC_FALLBACK) {
    found[n++] = make(PLAIN, 0, false);
    return n;
  }
  if (first->kind == CONVOLUTION_BACKWARD_FILTER) found[n++] = make(VARYING, 0, false);
  found[n++] = make(CORES_WITH_SCRATCH, SCRATCH, false);
  found[n++] = make(CORES, 0, false);
  if (p->tensors[first->a].type == F32) found[n++] = make(PLAIN_WITH_SCRATCH, SCRATCH, false);
  return n;
}

int32_t check_heuristic(state *s) {
  int64_t mode = number(s, HEURISTIC_MODE);
  if (mode != HEURISTIC_A && mode != HEURISTIC_FALLBACK) return fail(BAD_PARAM, "heuristic mode %lld", (long long)mode);
  program *p = referred(s, HEURISTIC_GRAPH, 0)->program;
  int32_t status = supports(p);
  if (status != SUCCESS) return status;
  engine engines[8];
  int32_t n = list(p, mode, engines);
  if (n == 0) return fail(NOT_SUPPORTED_GRAPH_PATTERN, "no engine of that mode");
  state *configurations[8];
  for (int32_t i = 0; i < n; i++) {
    state *e = new_state(ENGINE), *c = configurations[i] = new_state(ENGINE_CONFIGURATION);
    e->program = c->program = p;
    e->engine = c->engine = engines[i];
    put(e, ENGINE_INDEX, TYPE_INT64, 1, &engines[i].index);
    put(e, ENGINE_NOTES, TYPE_NUMERICAL_NOTE, engines[i].num_notes, engines[i].notes);
    put(c, CONFIGURATION_ENGINE, TYPE_DESCRIPTOR, 1, &e);
    release(e);
    e->complete = c->complete = true;
  }
  put(s, HEURISTIC_RESULTS, TYPE_DESCRIPTOR, n, configurations);
  for (int32_t i = 0; i < n; i++) release(configurations[i]);
  return SUCCESS;
}

int32_t check_plan(state *s) {
  const state *configuration = referred(s, PLAN_CONFIGURATION, 0);
  s->program = configuration->program;
  s->engine = configuration->engine;
  put(s, PLAN_WORKSPACE, TYPE_INT64, 1, &s->engine.workspace);
  return SUCCESS;
}

int32_t check_device(state *s) {
  static const char OWN[] = "{\"deviceName\": \"Kiln test device\", \"deviceVer\": 900, \"multiProcessorCount\": 132}";
  const attribute *json = find(s, DEVICE_JSON), *of = find(s, DEVICE_HANDLE);
  if (json == NULL && of == NULL) return fail(BAD_PARAM, "properties of no device");
  if (of != NULL) {
    if (handle_of(*(void **)of->values) == NULL) return fail(BAD_PARAM, "no handle, or one that was destroyed");
    put(s, DEVICE_JSON, TYPE_CHAR, sizeof(OWN), OWN);
    return SUCCESS;
  }
  static const char WANTED[] = "\"deviceVer\"";
  bool says = memmem(json->values, (size_t)json->count, WANTED, sizeof(WANTED) - 1) != NULL;
  return says ? SUCCESS : fail(BAD_PARAM, "properties without deviceVer");
}
