/* The operations, chunk by chunk through slots of shared memory, with a barrier for each chunk. */
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake_nccl.h"

size_t fake_type_bytes(int32_t type) {
  switch (type) {
    case INT8: return 1;
    case BFLOAT16: return 2;
    case INT32:
    case FLOAT32: return 4;
    case INT64: return 8;
    default: return 0;
  }
}

static float widen(uint16_t bits) {
  uint32_t word = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &word, sizeof(value));
  return value;
}

static uint16_t narrow(float value) {
  uint32_t word;
  memcpy(&word, &value, sizeof(word));
  if (value != value) return (uint16_t)(word >> 16 | 0x40);
  return (uint16_t)((word + 0x7fff + (word >> 16 & 1)) >> 16);
}

/* As NCCL's: MAX and MIN of a number and of what is none are the number. */
static float join(float a, float b, int32_t op) { return op == MAX ? fmaxf(a, b) : op == MIN ? fminf(a, b) : a + b; }

#define REDUCE_INTEGERS(TYPE, UNSIGNED)                                                     \
  for (size_t i = 0; i < count; i++) {                                                      \
    TYPE all = ((const TYPE *)in[0])[i];                                                    \
    for (int r = 1; r < size; r++) {                                                        \
      TYPE x = ((const TYPE *)in[r])[i];                                                    \
      if (op == MAX ? x > all : op == MIN ? x < all : 0) all = x;                           \
      if (op == SUM || op == AVG) all = (TYPE)((UNSIGNED)all + (UNSIGNED)x);                \
    }                                                                                       \
    ((TYPE *)out)[i] = op == AVG ? (TYPE)(all / size) : all;                                \
  }

void fake_reduce(char *out, const char *const *in, int size, size_t count, int32_t type, int32_t op) {
  switch (type) {
    case FLOAT32:
      for (size_t i = 0; i < count; i++) {
        float all = ((const float *)in[0])[i];
        for (int r = 1; r < size; r++) all = join(all, ((const float *)in[r])[i], op);
        ((float *)out)[i] = op == AVG ? all / (float)size : all;
      }
      break;
    case BFLOAT16:
      for (size_t i = 0; i < count; i++) {
        float all = widen(((const uint16_t *)in[0])[i]);
        for (int r = 1; r < size; r++) all = join(all, widen(((const uint16_t *)in[r])[i]), op);
        ((uint16_t *)out)[i] = narrow(op == AVG ? all / (float)size : all);
      }
      break;
    case INT8: REDUCE_INTEGERS(int8_t, uint8_t) break;
    case INT32: REDUCE_INTEGERS(int32_t, uint32_t) break;
    case INT64: REDUCE_INTEGERS(int64_t, uint64_t) break;
    default: abort();
  }
}

static void idle(int *looks) {
  if (++*looks < 200) {
    sched_yield();
  } else {
    nanosleep(&(struct timespec){0, *looks < 1000 ? 50000 : 1000000}, NULL);
  }
}

/* Whether all have come; if not, this communicator is aborted. A peer that is gone ends no wait, as on a device. */
static bool barrier(comm *c) {
  rank_part *ranks = c->memory->ranks;
  atomic_store(&ranks[c->rank].arrivals, ++c->arrivals);
  int looks = 0;
  for (int r = 0; r < c->size; r++) {
    while (atomic_load(&ranks[r].arrivals) < c->arrivals) {
      if (atomic_load(&c->aborted)) return false;
      if (looks > 1000 && looks % 100 == 0 && fake_peer_gone(c)) atomic_store(&c->failed, true);
      idle(&looks);
    }
  }
  return !atomic_load(&c->aborted);
}

/* Ranks that disagree hang, as nothing else can be relied on. */
static bool agree(comm *c, const operation *o) {
  description mine = {o->kind, o->type, o->op, o->root, o->count};
  c->memory->ranks[c->rank].now = mine;
  if (!barrier(c)) return false;
  bool same = true;
  for (int r = 0; r < c->size; r++) same &= memcmp(&c->memory->ranks[r].now, &mine, sizeof(mine)) == 0;
  int looks = 0;
  while (!same && !atomic_load(&c->aborted)) idle(&looks);
  return same && barrier(c);
}

static char *slot(comm *c, int rank) { return c->memory->slots[c->chunks & 1][rank]; }

static void sources(comm *c, const char **in, size_t offset) {
  for (int r = 0; r < c->size; r++) in[r] = slot(c, r) + offset;
}

/* Of all but sends and receives, one chunk of `n` elements from element `at` on. */
static bool step(comm *c, const operation *o, size_t at, size_t n) {
  size_t width = fake_type_bytes(o->type);
  size_t here = at * width, bytes = n * width;
  const char *in[MAX_RANKS];
  char *mine = slot(c, c->rank);
  if (o->kind == REDUCE_SCATTER) {
    for (int r = 0; r < c->size; r++) memcpy(mine + (size_t)r * bytes, o->from + (size_t)r * o->count * width + here, bytes);
  } else if (o->kind != BROADCAST || o->root == c->rank) {
    memcpy(mine, o->from + here, bytes);
  }
  if (!barrier(c)) return false;
  switch (o->kind) {
    case ALL_REDUCE:
      sources(c, in, 0);
      fake_reduce(o->to + here, in, c->size, n, o->type, o->op);
      break;
    case REDUCE:
      sources(c, in, 0);
      if (o->root == c->rank) fake_reduce(o->to + here, in, c->size, n, o->type, o->op);
      break;
    case REDUCE_SCATTER:
      sources(c, in, (size_t)c->rank * bytes);
      fake_reduce(o->to + here, in, c->size, n, o->type, o->op);
      break;
    case ALL_GATHER:
      for (int r = 0; r < c->size; r++) memcpy(o->to + (size_t)r * o->count * width + here, slot(c, r), bytes);
      break;
    case BROADCAST: memcpy(o->to + here, slot(c, o->root), bytes); break;
    case SEND:
    case RECV: abort();
  }
  c->chunks++;
  return true;
}

static bool collective(comm *c, const operation *o) {
  if (!agree(c, o)) return false;
  size_t room = SLOT_BYTES / fake_type_bytes(o->type);
  size_t most = o->kind == REDUCE_SCATTER ? room / (size_t)c->size : room;
  for (size_t at = 0; at < o->count; at += most) {
    if (!step(c, o, at, o->count - at < most ? o->count - at : most)) return false;
  }
  return true;
}

/* Moves on a send or a receive; whether anything was done. */
static bool post(comm *c, operation *o) {
  size_t all = o->count * fake_type_bytes(o->type);
  size_t n = all - o->done < MAIL_BYTES ? all - o->done : MAIL_BYTES;
  mailbox *box = o->kind == SEND ? &c->memory->mail[c->rank][o->root] : &c->memory->mail[o->root][c->rank];
  bool full = atomic_load(&box->given) > atomic_load(&box->taken);
  if (n == 0 || full != (o->kind == RECV)) return false;
  if (o->kind == SEND) {
    memcpy(box->bytes, o->from + o->done, n);
    atomic_fetch_add(&box->given, 1);
  } else {
    memcpy(o->to + o->done, box->bytes, n);
    atomic_fetch_add(&box->taken, 1);
  }
  o->done += n;
  return true;
}

static void exchange(comm *c, operation *operations, int count) {
  int looks = 0;
  for (bool more = true; more && !atomic_load(&c->aborted);) {
    more = false;
    bool moved = false;
    for (int i = 0; i < count; i++) {
      operation *o = &operations[i];
      if (o->kind != SEND && o->kind != RECV) continue;
      moved |= post(c, o);
      more |= o->done < o->count * fake_type_bytes(o->type);
    }
    if (moved) {
      looks = 0;
    } else if (more) {
      if (looks > 1000 && looks % 100 == 0 && fake_peer_gone(c)) atomic_store(&c->failed, true);
      idle(&looks);
    }
  }
}

void fake_run(comm *c, operation *operations, int count) {
  bool mail = false;
  for (int i = 0; i < count && !atomic_load(&c->aborted); i++) {
    if (operations[i].kind == SEND || operations[i].kind == RECV) {
      mail = true;
    } else if (!collective(c, &operations[i])) {
      return;
    }
  }
  if (mail) exchange(c, operations, count);
}
