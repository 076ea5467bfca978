/*
 * Work that cannot be done at once nor by whoever waits for it, as it waits for other processes: from then on the stream has a thread,
 * which does all that is queued there, in its order. Streams that wait for such a stream get one too.
 */
#include <stdlib.h>

#include "fake.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queued = PTHREAD_COND_INITIALIZER;

static void *pump(void *argument) {
  CUstream stream = argument; /* the memory of streams is never given back */
  pthread_mutex_lock(&lock);
  while (fake_is(stream, FAKE_STREAM) || fake_done(stream) < stream->queued) {
    if (fake_done(stream) == stream->queued) {
      pthread_cond_wait(&queued, &lock);
      continue;
    }
    pthread_mutex_unlock(&lock);
    fake_finish(stream, stream->queued);
    pthread_mutex_lock(&lock);
  }
  pthread_mutex_unlock(&lock);
  return NULL;
}

void fake_wake(CUstream stream) {
  if (!stream->pumped) return;
  pthread_mutex_lock(&lock);
  pthread_cond_broadcast(&queued);
  pthread_mutex_unlock(&lock);
}

static bool can_block(const fake_work *work) {
  if (work->what == WORK_WAIT) return work->other->pumped;
  bool blocks = work->what == WORK_BLOCKING;
  for (size_t i = 0; work->what == WORK_GRAPH && i < work->graph->count; i++) blocks |= can_block(&work->graph->work[i]);
  return blocks;
}

bool fake_is_queued(CUstream stream, const fake_work *work) {
  if (!stream->pumped && can_block(work)) {
    stream->pumped = true;
    pthread_t thread;
    if (pthread_create(&thread, NULL, pump, stream) != 0) abort();
    pthread_detach(thread);
  }
  return stream->pumped || fake_lazy();
}

/* Whether what is queued there now may be done any number of times. */
FAKE_API int32_t kiln_fake_is_captured(CUstream stream) {
  return fake_ready() == CUDA_SUCCESS && fake_is(stream, FAKE_STREAM) && stream->capture != NULL;
}

/* For the other libraries for tests: calls in the order of the stream's work, which goes on without whoever waits for it. */
FAKE_API int32_t kiln_fake_queue_blocking(CUstream stream, void (*call)(void *), void *argument) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return (int32_t)ready;
  if (!fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  fake_work work = {.what = WORK_BLOCKING, .blocking = call, .argument = argument};
  return (int32_t)fake_submit(stream, &work);
}
