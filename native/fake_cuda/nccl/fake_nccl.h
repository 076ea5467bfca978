/* What the parts of NCCL for tests share. README.md says what it does. */
#ifndef KILN_FAKE_NCCL_H
#define KILN_FAKE_NCCL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))
#define MAX_RANKS 16
#define SLOT_BYTES (256 << 10)
#define MAIL_BYTES (64 << 10)

/* Values of nccl.h, as native/checks/nccl.c has them. */
enum { SUCCESS = 0, UNHANDLED_CUDA_ERROR = 1, SYSTEM_ERROR = 2, INVALID_ARGUMENT = 4, INVALID_USAGE = 5, REMOTE_ERROR = 6, IN_PROGRESS = 7 };
enum { INT8 = 0, INT32 = 2, INT64 = 4, FLOAT32 = 7, BFLOAT16 = 9 };
enum { SUM = 0, MAX = 2, MIN = 3, AVG = 4 };

typedef enum { ABSENT = 0, JOINED, LEFT, ABORTED } presence;

/* What every rank must say alike of an operation. */
typedef struct {
  int32_t kind, type, op, root;
  uint64_t count;
} description;

/* A rank's own part of the shared memory; only it writes here. */
typedef struct {
  _Atomic int32_t state;
  _Atomic int32_t pid;
  _Atomic uint64_t arrivals;
  _Atomic uint64_t splits;
  int32_t color[2], key[2]; /* of the last two splits */
  description now;
} rank_part;

/* What rank `from` sends to rank `to`: full while given > taken. */
typedef struct {
  _Atomic uint64_t given, taken;
  char bytes[MAIL_BYTES];
} mailbox;

/* The file that the ranks of a communicator map; zero at first. */
typedef struct {
  rank_part ranks[MAX_RANKS];
  char slots[2][MAX_RANKS][SLOT_BYTES]; /* chunks take turns */
  mailbox mail[MAX_RANKS][MAX_RANKS];   /* [from][to] */
} shared;

typedef struct comm {
  int rank, size, questions;
  shared *memory;
  char name[96];              /* of the file */
  _Atomic bool aborted;
  _Atomic bool failed;        /* a peer will not come */
  _Atomic int uses;           /* the handle's own, and one for each operation that is queued */
  _Atomic int outstanding;    /* operations that have not ended */
  uint64_t arrivals, chunks;
  uint64_t num_splits;
  bool finalizing;
  struct comm **splitting;    /* where the result of a split goes that has begun */
  struct comm *child;
} comm;

typedef enum { ALL_REDUCE = 1, REDUCE_SCATTER, ALL_GATHER, BROADCAST, REDUCE, SEND, RECV } op_kind;

typedef struct {
  op_kind kind;
  const char *from;
  char *to;
  size_t count;
  int32_t type, op, root; /* root: the peer of a send or receive */
  comm *c;
  void *stream;
  size_t done; /* bytes, of a send or receive */
} operation;

size_t fake_type_bytes(int32_t type);
/* out[i] = the reduction of in[rank][i], added in the order of the ranks and rounded once. */
void fake_reduce(char *out, const char *const *in, int size, size_t count, int32_t type, int32_t op);

/* Works off operations of one communicator, in their order; returns when they are done, or when it is aborted. */
void fake_run(comm *c, operation *operations, int count);

comm *fake_map(const char *name, int rank, int size);
/* Whether all ranks have come. */
bool fake_all_joined(comm *c);
bool fake_peer_gone(const comm *c);
void fake_forget(comm *c);

#endif
