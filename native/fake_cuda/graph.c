/* Captures and graphs: a list of work, in the order in which it was submitted. */
#include <stdlib.h>
#include <string.h>

#include "fake.h"

static uint64_t captures;

struct CUgraphExec_st {
  fake_kind kind;
  struct CUgraph_st graph;
};

static struct CUgraph_st copy_of(const struct CUgraph_st *graph) {
  struct CUgraph_st copy = *graph;
  copy.room = copy.count;
  copy.work = malloc(copy.count * sizeof(fake_work) + 1);
  memcpy(copy.work, graph->work, copy.count * sizeof(fake_work));
  return copy;
}

FAKE_API CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode) {
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  if (!fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  if (mode > CU_STREAM_CAPTURE_MODE_RELAXED) return CUDA_ERROR_INVALID_VALUE;
  if (stream->capture != NULL) return CUDA_ERROR_ILLEGAL_STATE;
  stream->capture = calloc(1, sizeof(struct CUgraph_st));
  stream->capture->kind = FAKE_GRAPH;
  stream->capture->id = __atomic_add_fetch(&captures, 1, __ATOMIC_SEQ_CST);
  stream->origin = true;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph) {
  if (!fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  *graph = NULL;
  struct CUgraph_st *captured = stream->capture;
  if (captured == NULL || !stream->origin) return CUDA_ERROR_ILLEGAL_STATE;
  if (!fake_end_capture(captured)) {
    fake_free_graph(captured);
    return CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
  }
  *graph = captured;
  fake_made(1);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode *nodes, size_t *count) {
  if (!fake_is(graph, FAKE_GRAPH)) return CUDA_ERROR_INVALID_HANDLE;
  if (nodes != NULL) return CUDA_ERROR_INVALID_VALUE; /* only the count */
  *count = graph->count;
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuGraphInstantiateWithFlags(CUgraphExec *exec, CUgraph graph, unsigned long long flags) {
  if (!fake_is(graph, FAKE_GRAPH)) return CUDA_ERROR_INVALID_HANDLE;
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  *exec = calloc(1, sizeof(**exec));
  (*exec)->kind = FAKE_EXEC;
  (*exec)->graph = copy_of(graph);
  fake_made(1);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuGraphExecUpdate_v2(CUgraphExec exec, CUgraph graph, CUgraphExecUpdateResultInfo *info) {
  if (!fake_is(exec, FAKE_EXEC) || !fake_is(graph, FAKE_GRAPH)) return CUDA_ERROR_INVALID_HANDLE;
  memset(info, 0, sizeof(*info));
  info->result = CU_GRAPH_EXEC_UPDATE_SUCCESS;
  bool same = exec->graph.count == graph->count;
  for (size_t i = 0; same && i < graph->count; i++) same = exec->graph.work[i].what == graph->work[i].what;
  if (!same) {
    info->result = CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
    return CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
  }
  free(exec->graph.work);
  exec->graph = copy_of(graph);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuGraphUpload(CUgraphExec exec, CUstream stream) {
  return fake_is(exec, FAKE_EXEC) && fake_is(stream, FAKE_STREAM) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

FAKE_API CUresult cuGraphLaunch(CUgraphExec exec, CUstream stream) {
  if (!fake_is(exec, FAKE_EXEC) || !fake_is(stream, FAKE_STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  if (stream->capture != NULL) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  CUresult ready = fake_ready();
  if (ready != CUDA_SUCCESS) return ready;
  struct CUgraph_st *copy = malloc(sizeof(*copy)); /* the executable one may be gone or changed when this is done */
  *copy = copy_of(&exec->graph);
  fake_work work = {.what = WORK_GRAPH, .graph = copy};
  return fake_submit(stream, &work);
}

void fake_free_graph(struct CUgraph_st *graph) {
  free(graph->work);
  free(graph);
}

FAKE_API CUresult cuGraphExecDestroy(CUgraphExec exec) {
  if (!fake_is(exec, FAKE_EXEC)) return CUDA_ERROR_INVALID_HANDLE;
  free(exec->graph.work);
  exec->kind = 0;
  fake_made(-1);
  return CUDA_SUCCESS;
}

FAKE_API CUresult cuGraphDestroy(CUgraph graph) {
  if (!fake_is(graph, FAKE_GRAPH)) return CUDA_ERROR_INVALID_HANDLE;
  free(graph->work);
  graph->kind = 0;
  fake_made(-1);
  return CUDA_SUCCESS;
}
