/* Graphs of operations: checked, and put into an order in which they can be done. */
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "operands.h"

/* The tensor's position; -1 if there is no room, or the same id stands for two tensors. */
static int32_t add(program *p, const tensor *t) {
  for (int32_t i = 0; i < p->num_tensors; i++) {
    if (p->tensors[i].id != t->id) continue;
    const tensor *u = &p->tensors[i];
    bool same = memcmp(u->dims, t->dims, sizeof(t->dims)) == 0 && memcmp(u->strides, t->strides, sizeof(t->strides)) == 0 &&
                u->type == t->type && u->is_virtual == t->is_virtual && u->is_value == t->is_value;
    return same ? i : -1;
  }
  if (p->num_tensors == MAX_TENSORS) return -1;
  p->tensors[p->num_tensors] = *t;
  return p->num_tensors++;
}

static bool is_ready(const bool *written, const bool *by_some, int32_t tensor) {
  return tensor < 0 || !by_some[tensor] || written[tensor];
}

/* Whether every operation is connected with the first by tensors that are no values. */
static bool is_connected(const program *p) {
  bool reached[MAX_TENSORS] = {false}, done[MAX_OPERATIONS] = {false};
  for (bool more = true, first = true; more; first = false) {
    more = false;
    for (int32_t i = 0; i < p->num_operations; i++) {
      const operation *o = &p->operations[i];
      const int32_t all[] = {o->a, o->b, o->to};
      bool touched = first && i == 0;
      for (int j = 0; j < 3; j++) touched |= all[j] >= 0 && reached[all[j]];
      if (done[i] || !touched) continue;
      for (int j = 0; j < 3; j++) {
        if (all[j] >= 0 && !p->tensors[all[j]].is_value) reached[all[j]] = true;
      }
      done[i] = more = true;
    }
  }
  for (int32_t i = 0; i < p->num_operations; i++) {
    if (!done[i]) return false;
  }
  return true;
}

static int32_t sort(program *p) {
  bool by_some[MAX_TENSORS] = {false}, written[MAX_TENSORS] = {false}, done[MAX_OPERATIONS] = {false};
  for (int32_t i = 0; i < p->num_operations; i++) {
    int32_t to = p->operations[i].to;
    if (by_some[to]) return fail(BAD_PARAM, "two operations write tensor %lld", (long long)p->tensors[to].id);
    by_some[to] = true;
  }
  for (int32_t i = 0; i < p->num_tensors; i++) {
    if (p->tensors[i].is_virtual && !by_some[i]) {
      return fail(BAD_PARAM, "no operation writes the virtual tensor %lld", (long long)p->tensors[i].id);
    }
  }
  operation sorted[MAX_OPERATIONS];
  for (int32_t n = 0; n < p->num_operations; n++) {
    int32_t next = -1;
    for (int32_t i = 0; i < p->num_operations && next < 0; i++) {
      const operation *o = &p->operations[i];
      if (!done[i] && is_ready(written, by_some, o->a) && is_ready(written, by_some, o->b)) next = i;
    }
    if (next < 0) return fail(BAD_PARAM, "operations that wait for one another");
    sorted[n] = p->operations[next];
    written[sorted[n].to] = done[next] = true;
  }
  memcpy(p->operations, sorted, (size_t)p->num_operations * sizeof(*sorted));
  return SUCCESS;
}

int32_t check_graph(state *s) {
  int32_t count = (int32_t)find(s, GRAPH_OPERATIONS)->count;
  program *p = s->program = calloc(1, sizeof(*p));
  p->num_operations = count;
  for (int32_t i = 0; i < count; i++) {
    const state *from = referred(s, GRAPH_OPERATIONS, i);
    operands t = operands_of(from);
    operation *o = &p->operations[i];
    *o = from->operation;
    o->a = add(p, t.a);
    o->b = t.b == NULL ? -1 : add(p, t.b);
    o->to = add(p, t.to);
    if (o->a < 0 || o->to < 0 || (t.b != NULL && o->b < 0)) {
      return fail(BAD_PARAM, "two different tensors have one id, or there are more than %d", MAX_TENSORS);
    }
  }
  if (!is_connected(p)) return fail(BAD_PARAM, "operations that have nothing to do with one another");
  return sort(p);
}
