/*
 * Streams whose work is done only when somebody waits for it (KILN_FAKE_CUDA_LAZY=1), each in its own order: whoever forgets to
 * wait sees what was there before. The thread that waits does the work.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake.h"

typedef struct fake_item {
  fake_work work;
  struct fake_item *next;
} item;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct CUstream_st *all;
static int lazy = -1;

bool fake_lazy(void) {
  int now = __atomic_load_n(&lazy, __ATOMIC_SEQ_CST);
  if (now < 0) {
    const char *set = getenv("KILN_FAKE_CUDA_LAZY");
    now = set != NULL && strcmp(set, "1") == 0;
    __atomic_store_n(&lazy, now, __ATOMIC_SEQ_CST);
  }
  return now == 1;
}

/* For tests within one process: from now on, and whether it was so before. */
FAKE_API int32_t kiln_fake_cuda_lazy(int32_t on) {
  int32_t before = fake_lazy();
  fake_finish_all();
  __atomic_store_n(&lazy, on != 0, __ATOMIC_SEQ_CST);
  return before;
}

void fake_new_stream(CUstream stream) {
  pthread_mutex_init(&stream->queueing, NULL);
  pthread_mutex_init(&stream->running, NULL);
  pthread_mutex_lock(&lock);
  stream->next_of_all = all;
  all = stream;
  pthread_mutex_unlock(&lock);
}

CUresult fake_enqueue(CUstream stream, const fake_work *work) {
  item *new = malloc(sizeof(*new));
  new->work = *work;
  new->next = NULL;
  pthread_mutex_lock(&stream->queueing);
  if (stream->last == NULL) {
    stream->first = new;
  } else {
    stream->last->next = new;
  }
  stream->last = new;
  stream->queued++;
  stream->asks = 0;
  pthread_mutex_unlock(&stream->queueing);
  fake_wake(stream);
  return CUDA_SUCCESS;
}

static item *next_of(CUstream stream) {
  pthread_mutex_lock(&stream->queueing);
  item *next = stream->first;
  if (next != NULL) {
    stream->first = next->next;
    if (stream->first == NULL) stream->last = NULL;
  }
  pthread_mutex_unlock(&stream->queueing);
  return next;
}

int64_t fake_done(CUstream stream) { return __atomic_load_n(&stream->done, __ATOMIC_SEQ_CST); }

/*
 * It asks what is done for as long as another thread has the lock: a wait within this work is for what was queued before it, so threads
 * that do the work of streams which wait for one another cannot stop each other.
 */
CUresult fake_finish(CUstream stream, int64_t until) {
  if (fake_done(stream) >= until) return CUDA_SUCCESS;
  CUresult first = CUDA_SUCCESS;
  while (pthread_mutex_trylock(&stream->running) != 0) {
    if (fake_done(stream) >= until) return CUDA_SUCCESS;
    nanosleep(&(struct timespec){0, 20000}, NULL);
  }
  while (stream->done < until) {
    item *next = next_of(stream);
    if (next == NULL) break;
    CUresult result = fake_do(&next->work);
    free(next);
    if (result != CUDA_SUCCESS && stream->failure == CUDA_SUCCESS) stream->failure = result;
    if (first == CUDA_SUCCESS) first = result;
    __atomic_add_fetch(&stream->done, 1, __ATOMIC_SEQ_CST);
  }
  pthread_mutex_unlock(&stream->running);
  return first;
}

CUresult fake_finish_stream(CUstream stream) {
  fake_finish(stream, stream->queued);
  return __atomic_exchange_n(&stream->failure, CUDA_SUCCESS, __ATOMIC_SEQ_CST);
}

CUresult fake_finish_all(void) {
  pthread_mutex_lock(&lock);
  CUstream first = all; /* streams are added before it, and none is taken away */
  pthread_mutex_unlock(&lock);
  CUresult failure = CUDA_SUCCESS;
  for (CUstream s = first; s != NULL; s = s->next_of_all) {
    CUresult result = fake_finish_stream(s);
    if (failure == CUDA_SUCCESS) failure = result;
  }
  return failure;
}

bool fake_asks_in_vain(int *asks) { return ++*asks < 3; }
