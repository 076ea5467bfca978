/* What the parts of the driver for tests share. README.md says what it does. */
#ifndef KILN_FAKE_CUDA_H
#define KILN_FAKE_CUDA_H

#include <cuda.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue.h"

#define FAKE_API __attribute__((visibility("default")))
#define FAKE_MAX_PARAMS 64
#define FAKE_PARAM_BYTES FAKE_QUEUE_BYTES
#define FAKE_SHARED_BYTES 49152
#define FAKE_SHARED_BYTES_OPTIN 232448

/* Every handle starts with one; destroyed ones lose it. */
typedef enum { FAKE_STREAM = 0x51, FAKE_EVENT, FAKE_POOL, FAKE_MODULE, FAKE_FUNCTION, FAKE_GRAPH, FAKE_EXEC } fake_kind;

/* How a module's image launches a kernel: 0, or 1 and a line of text. */
typedef int32_t fake_launch(const char *name, int64_t blocks, int32_t threads, void **arguments, char *message, int64_t size);

struct CUfunc_st {
  fake_kind kind;
  fake_launch *launch;
  char name[96];
  int num_params;
  unsigned param_at[FAKE_MAX_PARAMS + 1]; /* where each lies in a copy of all */
  unsigned param_bytes[FAKE_MAX_PARAMS];
  int max_shared_bytes;
  struct CUfunc_st *next;
};

/* One piece of a stream's work. */
typedef struct {
  enum {
    WORK_COPY, WORK_FILL8, WORK_FILL32, WORK_KERNEL, WORK_CALL, WORK_EVENT, WORK_WAIT, WORK_GRAPH, WORK_FREE, WORK_BLOCKING
  } what;
  void *to;
  const void *from; /* of a free: device memory, of aligned_alloc */
  bool owned;       /* from is to be freed when the copy is done */
  size_t count;
  unsigned value;
  CUfunction function;
  fake_call *call; /* of the libraries for tests: count bytes of params are its */
  unsigned blocks, threads;
  _Alignas(16) char params[FAKE_PARAM_BYTES];
  CUevent event;
  CUstream other; /* a wait is for that stream to have done so much */
  int64_t until;
  struct CUgraph_st *graph; /* a copy that is freed when it is done */
  void (*blocking)(void *); /* may wait for other processes */
  void *argument;
} fake_work;

struct CUgraph_st {
  fake_kind kind;
  uint64_t id; /* of the capture, never used again */
  size_t count, room;
  fake_work *work;
};

struct CUstream_st {
  fake_kind kind;
  struct CUgraph_st *capture; /* null unless it takes part in one */
  bool origin;                /* of the capture */
  bool joined;                /* no work of it that the origin does not wait for */
  bool pumped;                /* has a thread that does its work (pump.c) */
  struct CUstream_st *next;
  struct fake_item *first, *last;    /* of its work, if that is done only when somebody waits (lazy.c) */
  int64_t queued, done;              /* pieces of work, since it was created */
  int asks;                          /* whether it is done, since work was queued */
  CUresult failure;                  /* of work that was done since somebody waited for it */
  pthread_mutex_t queueing, running; /* of the queue; of whoever does its work */
  struct CUstream_st *next_of_all;   /* those that were destroyed too */
};

struct CUevent_st {
  fake_kind kind;
  unsigned flags;
  double milliseconds;
  CUstream captured_on;
  uint64_t capture_id; /* 0 if it was recorded outside of captures */
  CUstream recorded_on; /* and when that has done so much, the event is done */
  int64_t at;
  int asks;
};

bool fake_is(const void *handle, fake_kind kind);
void fake_made(int n);
/* CUDA_SUCCESS if the driver is initialised and the thread has a context. */
CUresult fake_ready(void);

/* Does the work, or records it if the stream takes part in a capture. */
CUresult fake_submit(CUstream stream, const fake_work *work);
CUresult fake_do(const fake_work *work);
/* Marks the streams of a capture as out of it; true if all were joined. */
bool fake_end_capture(struct CUgraph_st *graph);

/* Whether the work waits for its turn; gives the stream a thread if it needs one. */
bool fake_is_queued(CUstream stream, const fake_work *work);
void fake_wake(CUstream stream);

/* Streams whose work is done only when somebody waits for it: lazy.c. */
bool fake_lazy(void);
void fake_new_stream(CUstream stream);
CUresult fake_enqueue(CUstream stream, const fake_work *work);
/* Does the stream's work up to there; the first failure of it. */
CUresult fake_finish(CUstream stream, int64_t until);
/* Does all that is queued in the stream. Gives back failures of its work that nobody has been told of. */
CUresult fake_finish_stream(CUstream stream);
CUresult fake_finish_all(void);
int64_t fake_done(CUstream stream);
/* Whether somebody who asks again and again is to be told that it is not done: the third time it is. */
bool fake_asks_in_vain(int *asks);

void fake_free_graph(struct CUgraph_st *graph);
bool fake_is_device(int device);
bool fake_is_device_memory(CUdeviceptr start, size_t bytes);

#endif
