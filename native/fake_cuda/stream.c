/* Streams, events, and how a stream's work is done or recorded. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct CUstream_st *streams;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static CUresult launch(const fake_work *work) {
  CUfunction f = work->function;
  _Alignas(16) char values[FAKE_PARAM_BYTES];
  memcpy(values, work->params, sizeof(values));
  void *params[FAKE_MAX_PARAMS + 1] = {0};
  for (int i = 0; i < f->num_params; i++) params[i] = &values[f->param_at[i]];
  char message[512];
  if (f->launch(f->name, work->blocks, (int32_t)work->threads, params, message, sizeof(message)) == 0) return CUDA_SUCCESS;
  fprintf(stderr, "fake CUDA driver: %s\n", message);
  return CUDA_ERROR_LAUNCH_FAILED;
}

CUresult fake_do(const fake_work *work) {
  switch (work->what) {
    case WORK_COPY:
      memmove(work->to, work->from, work->count);
      if (work->owned) free((void *)work->from);
      break;
    case WORK_FILL8: memset(work->to, (int)work->value, work->count); break;
    case WORK_FILL32:
      for (size_t i = 0; i < work->count; i++) ((unsigned *)work->to)[i] = work->value;
      break;
    case WORK_KERNEL: return launch(work);
    case WORK_CALL: {
      _Alignas(16) char bytes[FAKE_QUEUE_BYTES];
      memcpy(bytes, work->params, work->count);
      return (CUresult)work->call(bytes);
    }
    case WORK_EVENT:
      work->event->milliseconds = now();
      break;
    case WORK_WAIT: fake_finish(work->other, work->until); break; /* a failure there is told to who waits for that stream */
    case WORK_GRAPH: {
      CUresult result = CUDA_SUCCESS;
      for (size_t i = 0; i < work->graph->count && result == CUDA_SUCCESS; i++) result = fake_do(&work->graph->work[i]);
      fake_free_graph(work->graph);
      return result;
    }
    case WORK_BLOCKING: work->blocking(work->argument); break;
    case WORK_FREE:
      memset((void *)work->from, 0xa5, work->count); /* whoever still reads it shall see that */
      free((void *)work->from);
      break;
  }
  return CUDA_SUCCESS;
}

CUresult fake_submit(CUstream stream, const fake_work *work) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  if (!fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  struct CUgraph_st *graph = stream->capture;
  if (graph == NULL) return fake_is_queued(stream, work) ? fake_enqueue(stream, work) : fake_do(work);
  if (graph->count == graph->room) {
    graph->room = 2 * graph->room + 16;
    graph->work = realloc(graph->work, graph->room * sizeof(fake_work));
  }
  graph->work[graph->count++] = *work;
  stream->joined = false;
  return CUDA_SUCCESS;
}

/* For the libraries for tests; see queue.h. */
FAKE_API int32_t kiln_fake_queue(void *stream, fake_call *call, const void *bytes, size_t size) {
  if (size > FAKE_QUEUE_BYTES) return CUDA_ERROR_INVALID_VALUE;
  fake_work work = {.what = WORK_CALL, .call = call, .count = size};
  memcpy(work.params, bytes, size);
  return (int32_t)fake_submit(stream, &work);
}

bool fake_end_capture(struct CUgraph_st *graph) {
  bool joined = true;
  pthread_mutex_lock(&lock);
  for (CUstream s = streams; s != NULL; s = s->next) {
    if (s->capture == graph) {
      joined &= s->origin || s->joined;
      s->capture = NULL;
      s->origin = false;
    }
  }
  pthread_mutex_unlock(&lock);
  return joined;
}

/* The capture that an event was recorded in, if that still goes on. */
static struct CUgraph_st *capture_of(CUevent event) {
  struct CUgraph_st *found = NULL;
  pthread_mutex_lock(&lock);
  for (CUstream s = streams; s != NULL && event->capture_id != 0; s = s->next) {
    if (s->capture != NULL && s->capture->id == event->capture_id) found = s->capture;
  }
  pthread_mutex_unlock(&lock);
  return found;
}

FAKE_API CUresult cuStreamCreateWithPriority(CUstream *stream, unsigned int flags, int priority) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  if (flags > CU_STREAM_NON_BLOCKING || priority > 0 || priority < -5) return CUDA_ERROR_INVALID_VALUE;
  *stream = calloc(1, sizeof(**stream));
  (*stream)->kind = FAKE_STREAM;
  fake_new_stream(*stream);
  pthread_mutex_lock(&lock);
  (*stream)->next = streams;
  streams = *stream;
  pthread_mutex_unlock(&lock);
  fake_made(1);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuStreamDestroy_v2(CUstream stream) {
  if (!fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  pthread_mutex_lock(&lock);
  for (CUstream *at = &streams; *at != NULL; at = &(*at)->next) {
    if (*at == stream) {
      *at = stream->next;
      break;
    }
  }
  pthread_mutex_unlock(&lock);
  stream->kind = 0;
  fake_wake(stream);
  fake_made(-1);
  return CUDA_SUCCESS;
}

static CUresult stream_for_host(CUstream stream) {
  if (!fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  return stream->capture != NULL ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : fake_ready();
}

FAKE_API CUresult cuStreamSynchronize(CUstream stream) {
  CUresult result = stream_for_host(stream);
  return result == CUDA_SUCCESS ? fake_finish_stream(stream) : result;
}

FAKE_API CUresult cuStreamQuery(CUstream stream) {
  CUresult result = stream_for_host(stream);
  if (result != CUDA_SUCCESS) return result;
  bool waits = stream->pumped || fake_asks_in_vain(&stream->asks);
  if (fake_done(stream) < stream->queued && waits) return CUDA_ERROR_NOT_READY;
  return fake_finish_stream(stream);
}

FAKE_API CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int flags) {
  if (!fake_is(stream, FAKE_STREAM) || !fake_is(event, FAKE_EVENT)) return CUDA_ERROR_INVALID_HANDLE;
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  struct CUgraph_st *capture = capture_of(event);
  if (capture != NULL) {
    if (stream->capture == NULL) {
      stream->capture = capture;
      stream->joined = false;
    } else if (event->captured_on != stream) {
      event->captured_on->joined = true;
    }
    return fake_ready();
  }
  if (event->recorded_on == NULL) return fake_ready();
  /* A graph cannot depend on work outside of its capture. */
  if (stream->capture != NULL && event->capture_id == 0) return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
  if (event->recorded_on == stream || fake_done(event->recorded_on) >= event->at) return fake_ready();
  fake_work work = {.what = WORK_WAIT, .other = event->recorded_on, .until = event->at};
  return fake_submit(stream, &work);
}

FAKE_API CUresult cuEventCreate(CUevent *event, unsigned int flags) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  *event = calloc(1, sizeof(**event));
  (*event)->kind = FAKE_EVENT;
  (*event)->flags = flags;
  fake_made(1);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuEventDestroy_v2(CUevent event) {
  if (!fake_is(event, FAKE_EVENT)) return CUDA_ERROR_INVALID_HANDLE;
  event->kind = 0;
  fake_made(-1);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuEventRecord(CUevent event, CUstream stream) {
  if (!fake_is(event, FAKE_EVENT) || !fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  event->capture_id = stream->capture == NULL ? 0 : stream->capture->id;
  event->captured_on = stream;
  /* In a capture an event is an edge of the graph, not work. */
  if (stream->capture != NULL) return fake_ready();
  fake_work work = {.what = WORK_EVENT, .event = event};
  CUresult result = fake_submit(stream, &work);
  event->recorded_on = stream;
  event->at = stream->queued;
  event->asks = 0;
  return result;
}

static bool is_done(CUevent event) { return event->recorded_on == NULL || fake_done(event->recorded_on) >= event->at; }

static CUresult event_for_host(CUevent event) {
  if (!fake_is(event, FAKE_EVENT)) return CUDA_ERROR_INVALID_HANDLE;
  return capture_of(event) != NULL ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : fake_ready();
}

FAKE_API CUresult cuEventSynchronize(CUevent event) {
  CUresult result = event_for_host(event);
  return result != CUDA_SUCCESS || is_done(event) ? result : fake_finish(event->recorded_on, event->at);
}

FAKE_API CUresult cuEventQuery(CUevent event) {
  CUresult result = event_for_host(event);
  if (result != CUDA_SUCCESS || is_done(event)) return result;
  bool waits = event->recorded_on->pumped || fake_asks_in_vain(&event->asks);
  return waits ? CUDA_ERROR_NOT_READY : cuEventSynchronize(event);
}

FAKE_API CUresult cuEventElapsedTime_v2(float *milliseconds, CUevent start, CUevent end) {
  if (!fake_is(start, FAKE_EVENT) || !fake_is(end, FAKE_EVENT)) return CUDA_ERROR_INVALID_HANDLE;
  if (((start->flags | end->flags) & CU_EVENT_DISABLE_TIMING) != 0 || start->recorded_on == NULL || end->recorded_on == NULL) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!is_done(start) || !is_done(end)) return CUDA_ERROR_NOT_READY;
  *milliseconds = (float)(end->milliseconds - start->milliseconds);
  return CUDA_SUCCESS;
}
