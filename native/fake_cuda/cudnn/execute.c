/* Variant packs, and executions of plans in the order of a stream. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../queue.h"
#include "attributes.h"

_Static_assert(sizeof(job) <= FAKE_QUEUE_BYTES, "what the driver keeps of an execution");

int32_t check_pack(state *s) {
  const attribute *ids = find(s, PACK_IDS);
  if (ids->count != find(s, PACK_POINTERS)->count) return fail(BAD_PARAM, "as many pointers as ids are wanted");
  const int64_t *id = ids->values;
  for (int64_t i = 0; i < ids->count; i++) {
    for (int64_t j = 0; j < i; j++) {
      if (id[i] == id[j]) return fail(BAD_PARAM_DUPLICATED_ENTRIES, "two pointers for tensor %lld", (long long)id[i]);
    }
  }
  return SUCCESS;
}

static void *pointer_of(const state *pack, int64_t id) {
  const attribute *ids = find(pack, PACK_IDS);
  for (int64_t i = 0; i < ids->count; i++) {
    if (((int64_t *)ids->values)[i] == id) return ((void **)find(pack, PACK_POINTERS)->values)[i];
  }
  return NULL;
}

static int32_t bind(job *j, const tensor *t, int32_t at, void *pointer) {
  long long id = t->id;
  if (pointer == NULL) return fail(BAD_PARAM, "no pointer for tensor %lld", id);
  if (t->is_value) {
    if (fake_is_on_device(pointer, 1)) return fail(BAD_PARAM, "tensor %lld: a number of the host's is wanted", id);
    j->values[at] = load(t, pointer, 0);
    return SUCCESS;
  }
  if ((uintptr_t)pointer % (uint64_t)t->alignment != 0) return fail(BAD_PARAM_MISALIGNED_POINTER, "tensor %lld", id);
  if (!fake_is_on_device(pointer, (size_t)span_bytes(t))) {
    return fail(EXECUTION_FAILED_CUDA_DRIVER, "tensor %lld: it needs %lld bytes of device memory", id, (long long)span_bytes(t));
  }
  j->memory[at] = pointer;
  return SUCCESS;
}

EXPORT int32_t cudnnBackendExecute(void *pointer, void *plan_pointer, void *pack_pointer) {
  handle *h = handle_of(pointer);
  state *plan = state_of(plan_pointer), *pack = state_of(pack_pointer);
  if (h == NULL || plan == NULL || pack == NULL) return fail(BAD_PARAM, "no handle, plan or variant pack");
  if (plan->kind != PLAN || pack->kind != VARIANT_PACK) {
    return fail(BAD_PARAM_DESCRIPTOR_TYPE, "a plan and a variant pack are wanted");
  }
  if (!plan->complete || !pack->complete) return fail(BAD_PARAM_NOT_FINALIZED, "a plan or pack that is not finalized");
  job j = {.program = plan->program, .engine = plan->engine.index, .workspace_bytes = plan->engine.workspace};
  for (int32_t i = 0; i < j.program->num_tensors; i++) {
    const tensor *t = &j.program->tensors[i];
    int32_t status = t->is_virtual ? SUCCESS : bind(&j, t, i, pointer_of(pack, t->id));
    if (status != SUCCESS) return status;
  }
  const attribute *workspace = find(pack, PACK_WORKSPACE);
  j.workspace = workspace == NULL ? NULL : *(void **)workspace->values;
  if (j.workspace_bytes > 0) {
    int32_t status = j.workspace == NULL ? BAD_PARAM_NULL_POINTER : EXECUTION_FAILED_CUDA_DRIVER;
    if (!fake_is_on_device(j.workspace, (size_t)j.workspace_bytes)) {
      return fail(status, "the plan needs %lld bytes of scratch", (long long)j.workspace_bytes);
    }
  }
  int32_t result = fake_queue(h->stream, run_job, &j, sizeof(j));
  return result == 0 ? SUCCESS : fail(EXECUTION_FAILED_CUDA_DRIVER, "the driver says %d", result);
}

static void point(const operation *o, const tensor *ts, void **memory) {
  const tensor *a = &ts[o->a], *b = o->b < 0 ? a : &ts[o->b], *to = &ts[o->to];
#define AT(t) (((t)->dims[0] > 1 ? i * (t)->strides[0] : 0) + ((t)->dims[1] > 1 ? k * (t)->strides[1] : 0) + \
               ((t)->dims[2] > 1 ? l * (t)->strides[2] : 0) + ((t)->dims[3] > 1 ? m * (t)->strides[3] : 0))
  for (int64_t i = 0; i < to->dims[0]; i++)
    for (int64_t k = 0; k < to->dims[1]; k++)
      for (int64_t l = 0; l < to->dims[2]; l++)
        for (int64_t m = 0; m < to->dims[3]; m++) {
          float x = load(a, memory[o->a], AT(a)), y = o->b < 0 ? 0 : load(b, memory[o->b], AT(b)), z = x;
          switch (o->mode) {
            case ADD: z = x + y; break;
            case SUB: z = x - y; break;
            case MUL: z = x * y; break;
            case DIV: z = x / y; break;
            case EXP: z = expf(x); break;
            case LOG: z = logf(x); break;
            default: break; /* IDENTITY */
          }
          store(to, memory[o->to], AT(to), z);
        }
}

static void reduce(const operation *o, const tensor *ts, void **memory) {
  const tensor *a = &ts[o->a], *to = &ts[o->to];
  int64_t count = to->dims[0] * to->dims[1] * to->dims[2] * to->dims[3];
  double *sums = malloc((size_t)count * sizeof(double));
  for (int64_t i = 0; i < count; i++) sums[i] = o->mode == REDUCE_MAX ? -INFINITY : 0;
#define INDEX(i, axis) (to->dims[axis] > 1 ? (i) : 0)
#define SUM(i, k, l, m) \
  sums[((INDEX(i, 0) * to->dims[1] + INDEX(k, 1)) * to->dims[2] + INDEX(l, 2)) * to->dims[3] + INDEX(m, 3)]
  for (int64_t i = 0; i < a->dims[0]; i++)
    for (int64_t k = 0; k < a->dims[1]; k++)
      for (int64_t l = 0; l < a->dims[2]; l++)
        for (int64_t m = 0; m < a->dims[3]; m++) {
          double x = load(a, memory[o->a], AT(a)), *sum = &SUM(i, k, l, m);
          *sum = o->mode == REDUCE_MAX ? fmax(*sum, x) : *sum + x;
        }
  for (int64_t i = 0; i < to->dims[0]; i++)
    for (int64_t k = 0; k < to->dims[1]; k++)
      for (int64_t l = 0; l < to->dims[2]; l++)
        for (int64_t m = 0; m < to->dims[3]; m++) store(to, memory[o->to], AT(to), (float)SUM(i, k, l, m));
  free(sums);
}

/* The same elements at the same places; other extents and strides name them. */
static void reshape(const operation *o, const tensor *ts, void **memory) {
  const tensor *a = &ts[o->a], *to = &ts[o->to];
  for (int64_t i = 0; i < to->dims[0]; i++)
    for (int64_t k = 0; k < to->dims[1]; k++)
      for (int64_t l = 0; l < to->dims[2]; l++)
        for (int64_t m = 0; m < to->dims[3]; m++) store(to, memory[o->to], AT(to), load(a, memory[o->a], AT(to)));
}

int32_t run_job(void *bytes) {
  job *j = bytes;
  const program *p = j->program;
  const tensor *ts = p->tensors;
  /* Scratch is used: whatever else is there is lost. */
  if (j->workspace_bytes > 0) memset(j->workspace, 0xff, (size_t)j->workspace_bytes);
  for (int32_t i = 0; i < p->num_tensors; i++) {
    if (ts[i].is_virtual) j->memory[i] = malloc((size_t)span_bytes(&ts[i]));
    if (ts[i].is_value) j->memory[i] = &j->values[i]; /* load() has made a float32 of it */
  }
  bool tf32 = j->engine >= 1 && j->engine <= 3;
  for (int32_t i = 0; i < p->num_operations; i++) {
    const operation *o = &p->operations[i];
    switch (o->kind) {
      case OPERATION_POINTWISE: point(o, ts, j->memory); break;
      case OPERATION_REDUCTION: reduce(o, ts, j->memory); break;
      case OPERATION_RESHAPE: reshape(o, ts, j->memory); break;
      case OPERATION_MATMUL: multiply(o, ts, j->memory, tf32, adds_in_memory(p, i)); break;
      default: convolve(o, ts, j->memory, tf32); break;
    }
  }
  for (int32_t i = 0; i < p->num_tensors; i++) {
    if (ts[i].is_virtual) free(j->memory[i]);
  }
  return 0;
}
