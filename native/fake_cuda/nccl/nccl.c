/*
 * What bindings call of NCCL, with the ways of its non-blocking mode: joining, splitting and leaving go on for some questions after
 * the call, operations in groups begin at the group's end, and run in the order of their stream's work, which may be long after the
 * call. The values are those of nccl.h. Tests set what is to go wrong by kiln_fake_nccl_fail.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "../queue.h"
#include "fake_nccl.h"

#define MAX_OPERATIONS 64

typedef struct {
  char internal[128];
} unique_id;

typedef struct {
  size_t size;
  uint32_t magic, version;
  int32_t blocking, cga, min_ctas, max_ctas;
  const char *net_name;
  int32_t split_share, later;
} config;

static const char MAGIC[] = "kiln test";
static _Atomic int failing, live;

/* Of the thread, as in NCCL. */
static _Thread_local int depth, waiting;
static _Thread_local operation group[MAX_OPERATIONS];

/* 0: nothing; 1: a peer is gone; 2: calls never come to an end. */
EXPORT void kiln_fake_nccl_fail(int how) { failing = how; }

EXPORT int kiln_fake_nccl_live(void) { return live; }

EXPORT int32_t ncclGetVersion(int32_t *version) {
  *version = 21800;
  return SUCCESS;
}

EXPORT const char *ncclGetErrorString(int32_t status) {
  if (status == UNHANDLED_CUDA_ERROR) return "unhandled cuda error";
  return status == REMOTE_ERROR ? "remote process exited or there was a network error" : "invalid argument";
}

EXPORT const char *ncclGetLastError(comm *c) {
  (void)c;
  return failing == 1 ? "peer 1 is gone\n" : "";
}

EXPORT int32_t ncclGetUniqueId(unique_id *id) {
  memset(id, 0, sizeof(*id));
  memcpy(id->internal, MAGIC, sizeof(MAGIC));
  return getrandom(id->internal + 16, 16, 0) == 16 ? SUCCESS : SYSTEM_ERROR;
}

static int is_default(const config *c) {
  return c->size == 48 && c->magic == 0xcafebeef && c->version == 21800 && c->blocking == 0 && c->cga == INT32_MIN &&
         c->min_ctas == INT32_MIN && c->max_ctas == INT32_MIN && c->net_name == NULL && c->split_share == INT32_MIN &&
         c->later == INT32_MIN;
}

EXPORT int32_t ncclCommInitRankConfig(comm **made, int32_t size, unique_id id, int32_t rank, const config *c) {
  if (memcmp(id.internal, MAGIC, sizeof(MAGIC)) != 0 || size < 1 || size > MAX_RANKS || rank < 0 || rank >= size ||
      !is_default(c)) {
    return INVALID_ARGUMENT;
  }
  char name[64] = "/kiln-fake-nccl-";
  for (int i = 16; i < 32; i++) snprintf(name + strlen(name), 3, "%02x", (unsigned char)id.internal[i]);
  comm *joined = fake_map(name, rank, size);
  if (joined == NULL) return SYSTEM_ERROR;
  joined->questions = 3;
  live++;
  *made = joined;
  return IN_PROGRESS;
}

/* Where a split stands: null until all ranks have said their colors, then this rank's part. */
static comm *split_part(comm *c) {
  rank_part *ranks = c->memory->ranks;
  for (int r = 0; r < c->size; r++) {
    if (atomic_load(&ranks[r].splits) < c->num_splits) return NULL;
  }
  int turn = (int)(c->num_splits & 1);
  int color = ranks[c->rank].color[turn], key = ranks[c->rank].key[turn];
  int rank = 0, size = 0;
  for (int r = 0; r < c->size; r++) {
    if (ranks[r].color[turn] != color) continue;
    size++;
    rank += ranks[r].key[turn] < key || (ranks[r].key[turn] == key && r < c->rank);
  }
  char name[96];
  snprintf(name, sizeof(name), "%.60s-%d-%d", c->name, (int)c->num_splits, color);
  return fake_map(name, rank, size);
}

EXPORT int32_t ncclCommSplit(comm *c, int32_t color, int32_t key, comm **made, const config *with) {
  if (color < 0 || !is_default(with)) return INVALID_ARGUMENT;
  if (c->questions != 0 || c->splitting != NULL) return INVALID_USAGE;
  rank_part *mine = &c->memory->ranks[c->rank];
  c->num_splits++;
  mine->color[c->num_splits & 1] = color;
  mine->key[c->num_splits & 1] = key;
  atomic_store(&mine->splits, c->num_splits);
  c->splitting = made;
  c->child = NULL;
  c->questions = 3;
  return IN_PROGRESS;
}

/* Whether the split that has begun, if any, is done. */
static bool has_split(comm *c) {
  if (c->splitting == NULL) return true;
  if (c->child == NULL) {
    c->child = split_part(c);
    if (c->child == NULL) return false;
    live++;
    *c->splitting = c->child;
  }
  if (!fake_all_joined(c->child)) return false;
  c->splitting = NULL;
  return true;
}

EXPORT int32_t ncclCommGetAsyncError(comm *c, int32_t *status) {
  bool asked = c->questions > 0;
  if (asked) c->questions--;
  if (failing == 1 || c->failed || fake_peer_gone(c)) {
    c->failed = true;
    *status = REMOTE_ERROR;
  } else {
    bool done = fake_all_joined(c) && has_split(c) && !asked && failing != 2 && !(c->finalizing && c->outstanding > 0);
    *status = done ? SUCCESS : IN_PROGRESS;
  }
  return SUCCESS;
}

EXPORT int32_t ncclCommFinalize(comm *c) {
  c->questions = 2;
  c->finalizing = true;
  return IN_PROGRESS;
}

static int32_t leave(comm *c, presence how) {
  atomic_store(&c->memory->ranks[c->rank].state, how);
  shm_unlink(c->name); /* in case that not all had come */
  live--;
  fake_forget(c);
  return SUCCESS;
}

/* What is queued is still done. */
EXPORT int32_t ncclCommDestroy(comm *c) { return leave(c, LEFT); }

EXPORT int32_t ncclCommAbort(comm *c) {
  atomic_store(&c->aborted, true);
  if (c->splitting != NULL && c->child != NULL) leave(c->child, ABORTED);
  return leave(c, ABORTED);
}

EXPORT int32_t ncclCommCount(const comm *c, int32_t *count) {
  *count = c->size;
  return SUCCESS;
}

EXPORT int32_t ncclCommUserRank(const comm *c, int32_t *rank) {
  *rank = c->rank;
  return SUCCESS;
}

EXPORT int32_t ncclCommCuDevice(const comm *c, int32_t *device) {
  (void)c;
  *device = 0;
  return SUCCESS;
}

/* Operations of one communicator that start as one. */
typedef struct {
  comm *c;
  int count;
  bool is_captured; /* then a graph has it, and may run it again */
  operation operations[];
} batch;

static void run(void *argument) {
  batch *b = argument;
  for (int i = 0; i < b->count; i++) b->operations[i].done = 0;
  fake_run(b->c, b->operations, b->count);
  if (b->is_captured) return;
  atomic_fetch_sub(&b->c->outstanding, 1);
  fake_forget(b->c);
  free(b);
}

typedef int32_t stream_call(void *stream, void (*call)(void *), void *argument);

static int32_t begin(comm *c, const operation *first, int count) {
  batch *b = malloc(sizeof(batch) + (size_t)count * sizeof(operation));
  b->c = c;
  b->count = 0;
  for (int i = 0; i < count; i++) {
    if (first[i].c == c) b->operations[b->count++] = first[i];
  }
  int32_t (*is_captured)(void *) = (int32_t (*)(void *))(intptr_t)fake_driver("kiln_fake_is_captured");
  b->is_captured = is_captured != NULL && is_captured(first->stream);
  atomic_fetch_add(&c->uses, 1);
  if (!b->is_captured) atomic_fetch_add(&c->outstanding, 1);
  stream_call *queue = (stream_call *)(intptr_t)fake_driver("kiln_fake_queue_blocking");
  if (queue == NULL || queue(first->stream, run, b) != 0) {
    atomic_store(&c->aborted, true); /* only drops what is in the batch */
    run(b);
    return UNHANDLED_CUDA_ERROR;
  }
  return SUCCESS;
}

static int32_t begin_group(void) {
  int32_t status = SUCCESS;
  for (int i = 0; i < waiting; i++) {
    bool is_first = true;
    for (int j = 0; j < i; j++) is_first &= group[j].c != group[i].c;
    if (is_first && status == SUCCESS) status = begin(group[i].c, &group[i], waiting - i);
  }
  waiting = 0;
  return status;
}

static int32_t submit(operation o) {
  comm *c = o.c;
  if (o.stream == NULL || fake_type_bytes(o.type) == 0 || o.op < 0 || o.op > AVG || o.root < 0 || o.root >= c->size) {
    return INVALID_ARGUMENT;
  }
  if (c->questions != 0 || waiting == MAX_OPERATIONS) return INVALID_USAGE; /* the caller has not waited for the call before */
  group[waiting++] = o;
  return depth == 0 ? begin_group() : SUCCESS;
}

#define OPERATION(KIND, ...) submit((operation){.kind = KIND, .count = n, .type = type, .c = c, .stream = stream, __VA_ARGS__})

EXPORT int32_t ncclAllReduce(const void *from, void *to, size_t n, int32_t type, int32_t op, comm *c, void *stream) {
  return OPERATION(ALL_REDUCE, .from = from, .to = to, .op = op);
}

EXPORT int32_t ncclReduce(const void *from, void *to, size_t n, int32_t type, int32_t op, int32_t root, comm *c, void *stream) {
  return OPERATION(REDUCE, .from = from, .to = to, .op = op, .root = root);
}

EXPORT int32_t ncclReduceScatter(const void *from, void *to, size_t n, int32_t type, int32_t op, comm *c, void *stream) {
  return OPERATION(REDUCE_SCATTER, .from = from, .to = to, .op = op);
}

EXPORT int32_t ncclAllGather(const void *from, void *to, size_t n, int32_t type, comm *c, void *stream) {
  return OPERATION(ALL_GATHER, .from = from, .to = to);
}

EXPORT int32_t ncclBroadcast(const void *from, void *to, size_t n, int32_t type, int32_t root, comm *c, void *stream) {
  return OPERATION(BROADCAST, .from = from, .to = to, .root = root);
}

/* Alone it would wait for a receiver that cannot come before it is done, if that is this rank. */
EXPORT int32_t ncclSend(const void *from, size_t n, int32_t type, int32_t peer, comm *c, void *stream) {
  if (depth == 0 && peer == c->rank) return INVALID_USAGE;
  return OPERATION(SEND, .from = from, .root = peer);
}

EXPORT int32_t ncclRecv(void *to, size_t n, int32_t type, int32_t peer, comm *c, void *stream) {
  if (depth == 0 && peer == c->rank) return INVALID_USAGE;
  return OPERATION(RECV, .to = to, .root = peer);
}

EXPORT int32_t ncclGroupStart(void) {
  depth++;
  return SUCCESS;
}

EXPORT int32_t ncclGroupEnd(void) {
  if (depth == 0) return INVALID_USAGE;
  return --depth == 0 ? begin_group() : SUCCESS;
}
