/*
 * NCCL for one rank, over the memory of the driver for tests: what bindings call of it, with the ways of its non-blocking mode.
 * Joining, splitting and leaving go on for a few questions after the call, and operations in groups begin at the group's end. It
 * needs no header of NCCL's; the values below are those of native/checks/nccl.c. Tests set what is to go wrong by
 * kiln_fake_nccl_fail.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../queue.h"

#define EXPORT __attribute__((visibility("default")))

enum { SUCCESS = 0, UNHANDLED_CUDA_ERROR = 1, INVALID_ARGUMENT = 4, INVALID_USAGE = 5, REMOTE_ERROR = 6, IN_PROGRESS = 7 };

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

typedef struct comm {
  int rank, size, questions;
} comm;

typedef struct {
  void *to;
  const void *from;
  size_t bytes;
  void *stream;
} copy;

static int failing, live, depth, waiting;
static copy copies[64];
static const void *sent;

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
  for (int i = 0; i < 128; i++) id->internal[i] = (char)i;
  return SUCCESS;
}

static int is_default(const config *c) {
  return c->size == 48 && c->magic == 0xcafebeef && c->version == 21800 && c->blocking == 0 && c->cga == INT32_MIN &&
         c->min_ctas == INT32_MIN && c->max_ctas == INT32_MIN && c->net_name == NULL && c->split_share == INT32_MIN &&
         c->later == INT32_MIN;
}

static comm *new_comm(void) {
  comm *c = malloc(sizeof(*c));
  *c = (comm){0, 1, 3};
  live++;
  return c;
}

EXPORT int32_t ncclCommInitRankConfig(comm **made, int32_t size, unique_id id, int32_t rank, const config *c) {
  for (int i = 0; i < 128; i++) {
    if (id.internal[i] != (char)i) return INVALID_ARGUMENT;
  }
  if (size != 1 || rank != 0 || !is_default(c)) return INVALID_ARGUMENT;
  *made = new_comm();
  return IN_PROGRESS;
}

EXPORT int32_t ncclCommSplit(comm *c, int32_t color, int32_t key, comm **made, const config *with) {
  if (color < 0 || key != 0 || !is_default(with)) return INVALID_ARGUMENT;
  *made = new_comm();
  (*made)->questions = 0;
  c->questions = 3;
  return IN_PROGRESS;
}

EXPORT int32_t ncclCommGetAsyncError(comm *c, int32_t *status) {
  *status = failing == 1 ? REMOTE_ERROR : failing == 2 || c->questions > 0 ? IN_PROGRESS : SUCCESS;
  if (c->questions > 0) c->questions--;
  return SUCCESS;
}

EXPORT int32_t ncclCommFinalize(comm *c) {
  c->questions = 2;
  return IN_PROGRESS;
}

static int32_t leave(comm *c) {
  memset(c, 0xff, sizeof(*c));
  free(c);
  live--;
  return SUCCESS;
}

EXPORT int32_t ncclCommDestroy(comm *c) { return leave(c); }

EXPORT int32_t ncclCommAbort(comm *c) { return leave(c); }

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

static size_t bytes_of(int32_t type) {
  switch (type) {
    case 0: return 1;
    case 9: return 2;
    case 2:
    case 7: return 4;
    case 4: return 8;
    default: return 0;
  }
}

static int32_t do_copy(void *bytes) {
  const copy *c = bytes;
  memmove(c->to, c->from, c->bytes);
  return 0;
}

/* Gives what has gathered to the streams. */
static int32_t begin(void) {
  int32_t status = SUCCESS;
  for (int i = 0; i < waiting; i++) {
    if (fake_queue(copies[i].stream, do_copy, &copies[i], sizeof(copy)) != 0) status = UNHANDLED_CUDA_ERROR;
  }
  waiting = 0;
  return status;
}

/* With one rank, every operation is a copy. */
static int32_t submit(const void *from, void *to, size_t count, int32_t type, comm *c, void *stream) {
  if (c->size != 1 || stream == NULL || bytes_of(type) == 0 || waiting == 64) return INVALID_ARGUMENT;
  if (c->questions != 0) return INVALID_USAGE; /* the caller has not waited for the call before */
  copies[waiting++] = (copy){to, from, count * bytes_of(type), stream};
  return depth == 0 ? begin() : SUCCESS;
}

EXPORT int32_t ncclAllReduce(const void *from, void *to, size_t n, int32_t type, int32_t op, comm *c, void *stream) {
  return op < 0 || op > 4 ? INVALID_ARGUMENT : submit(from, to, n, type, c, stream);
}

EXPORT int32_t ncclReduceScatter(const void *from, void *to, size_t n, int32_t type, int32_t op, comm *c, void *stream) {
  return op < 0 || op > 4 ? INVALID_ARGUMENT : submit(from, to, n, type, c, stream);
}

EXPORT int32_t ncclAllGather(const void *from, void *to, size_t n, int32_t type, comm *c, void *stream) {
  return submit(from, to, n, type, c, stream);
}

EXPORT int32_t ncclBroadcast(const void *from, void *to, size_t n, int32_t type, int32_t root, comm *c, void *stream) {
  return root != 0 ? INVALID_ARGUMENT : submit(from, to, n, type, c, stream);
}

/* To itself, in a group with the receipt. */
EXPORT int32_t ncclSend(const void *from, size_t n, int32_t type, int32_t peer, comm *c, void *stream) {
  (void)n, (void)c;
  if (peer != 0 || depth == 0 || stream == NULL || bytes_of(type) == 0) return INVALID_USAGE;
  sent = from;
  return SUCCESS;
}

EXPORT int32_t ncclRecv(void *to, size_t n, int32_t type, int32_t peer, comm *c, void *stream) {
  if (peer != 0 || depth == 0 || sent == NULL) return INVALID_USAGE;
  return submit(sent, to, n, type, c, stream);
}

EXPORT int32_t ncclGroupStart(void) {
  depth++;
  return SUCCESS;
}

EXPORT int32_t ncclGroupEnd(void) {
  if (depth == 0) return INVALID_USAGE;
  if (--depth > 0) return SUCCESS;
  sent = NULL;
  return begin();
}
