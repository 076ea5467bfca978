/*
 * Work that cannot be done at once, as that which waits for other processes: from then on the stream has a thread of its own, which
 * does its work in order until none is left. Streams that wait for such a stream's events queue up behind it.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

typedef struct item {
  fake_work work;
  void *snapshot; /* of what a copy reads that may be gone when its turn comes */
  struct item *next;
} item;

struct fake_queue {
  item *first, *last;
  bool busy, abandoned;
  CUresult error; /* the first */
  struct fake_queue *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct fake_queue *queues; /* those with a thread */

static bool is_idle(const struct fake_queue *queue) { return queue == NULL || (queue->first == NULL && !queue->busy); }

static bool event_is_done(CUevent event, uint64_t ticket) { return event->done >= ticket; }

static bool can_wait(const fake_work *work) {
  return work->what == WORK_BLOCKING || (work->what == WORK_WAIT && !event_is_done(work->event, work->ticket));
}

/* Called and left with the lock held. */
static CUresult do_unlocked(const fake_work *work) {
  if (work->what == WORK_WAIT) {
    while (!event_is_done(work->event, work->ticket)) pthread_cond_wait(&changed, &lock);
    return CUDA_SUCCESS;
  }
  pthread_mutex_unlock(&lock);
  CUresult result = fake_do(work);
  pthread_mutex_lock(&lock);
  if (work->what == WORK_EVENT && work->event->done < work->ticket) work->event->done = work->ticket;
  return result;
}

static void *work_off(void *argument) {
  struct fake_queue *queue = argument;
  pthread_mutex_lock(&lock);
  while (queue->first != NULL || !queue->abandoned) {
    if (queue->first == NULL) {
      pthread_cond_wait(&changed, &lock);
      continue;
    }
    item *next = queue->first;
    queue->first = next->next;
    queue->busy = true;
    CUresult result = do_unlocked(&next->work);
    if (queue->error == CUDA_SUCCESS) queue->error = result;
    queue->busy = false;
    pthread_cond_broadcast(&changed);
    free(next->snapshot);
    free(next);
  }
  for (struct fake_queue **at = &queues; *at != NULL; at = &(*at)->next) {
    if (*at == queue) {
      *at = queue->next;
      break;
    }
  }
  pthread_mutex_unlock(&lock);
  free(queue);
  return NULL;
}

/* Called with the lock held. */
static CUresult append(CUstream stream, const fake_work *work) {
  if (stream->queue == NULL) {
    stream->queue = calloc(1, sizeof(struct fake_queue));
    stream->queue->next = queues;
    queues = stream->queue;
    pthread_t thread;
    if (pthread_create(&thread, NULL, work_off, stream->queue) != 0) return CUDA_ERROR_OUT_OF_MEMORY;
    pthread_detach(thread);
  }
  struct fake_queue *queue = stream->queue;
  item *new = calloc(1, sizeof(item));
  new->work = *work;
  /* The real driver has read memory that is not pinned before the call returns. */
  if (work->what == WORK_COPY && !fake_is_device_memory((CUdeviceptr)(uintptr_t)work->from, work->count) &&
      !fake_is_pinned(work->from)) {
    new->snapshot = malloc(work->count + 1);
    memcpy(new->snapshot, work->from, work->count);
    new->work.from = new->snapshot;
  }
  if (queue->first == NULL) {
    queue->first = new;
  } else {
    queue->last->next = new;
  }
  queue->last = new;
  pthread_cond_broadcast(&changed);
  /* Nor does it let the host go on before it has written such memory. */
  bool blocks = work->what == WORK_COPY && !fake_is_device_memory((CUdeviceptr)(uintptr_t)work->to, work->count) &&
                !fake_is_pinned(work->to);
  while (blocks && !is_idle(queue)) pthread_cond_wait(&changed, &lock);
  return CUDA_SUCCESS;
}

CUresult fake_enqueue(CUstream stream, const fake_work *work) {
  pthread_mutex_lock(&lock);
  fake_work own = *work;
  if (own.what == WORK_EVENT) own.ticket = ++own.event->issued;
  if (own.what == WORK_WAIT) own.ticket = own.event->issued;
  CUresult result = is_idle(stream->queue) && !can_wait(&own) ? do_unlocked(&own) : append(stream, &own);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  return result;
}

static CUresult error_of(const struct fake_queue *queue) { return queue == NULL ? CUDA_SUCCESS : queue->error; }

CUresult fake_drain(CUstream stream, bool wait) {
  pthread_mutex_lock(&lock);
  while (wait && !is_idle(stream->queue)) pthread_cond_wait(&changed, &lock);
  CUresult result = is_idle(stream->queue) ? error_of(stream->queue) : CUDA_ERROR_NOT_READY;
  pthread_mutex_unlock(&lock);
  return result;
}

CUresult fake_drain_all(void) {
  CUresult result = CUDA_SUCCESS;
  pthread_mutex_lock(&lock);
  for (struct fake_queue *queue = queues; queue != NULL;) {
    if (!is_idle(queue)) {
      pthread_cond_wait(&changed, &lock);
      queue = queues; /* the list may be another one now */
      continue;
    }
    if (result == CUDA_SUCCESS) result = error_of(queue);
    queue = queue->next;
  }
  pthread_mutex_unlock(&lock);
  return result;
}

CUresult fake_event_done(CUevent event, bool wait) {
  pthread_mutex_lock(&lock);
  uint64_t ticket = event->issued;
  while (wait && !event_is_done(event, ticket)) pthread_cond_wait(&changed, &lock);
  bool done = event_is_done(event, ticket);
  pthread_mutex_unlock(&lock);
  return done ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

void fake_abandon(CUstream stream) {
  pthread_mutex_lock(&lock);
  if (stream->queue != NULL) {
    stream->queue->abandoned = true;
    pthread_cond_broadcast(&changed);
  }
  pthread_mutex_unlock(&lock);
}

/* For the other libraries for tests: calls back in the order of the stream's work, on another thread if that has to wait. */
FAKE_API int32_t kiln_fake_queue_blocking(CUstream stream, void (*call)(void *), void *argument) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  if (!fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  if (stream->capture != NULL) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  fake_work work = {.what = WORK_BLOCKING, .blocking = call, .argument = argument};
  return fake_enqueue(stream, &work);
}
