/* What the parts of cuDNN for tests share. README.md of the folder above says what it does. */
#ifndef KILN_FAKE_CUDNN_H
#define KILN_FAKE_CUDNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

/* The values below are those of cudnn_graph.h (9.24); ../checks/cudnn.c compares them, where that is. */
enum {
  SUCCESS = 0,
  NOT_INITIALIZED = 1001,
  BAD_PARAM = 2000,
  BAD_PARAM_NULL_POINTER = 2002,
  BAD_PARAM_MISALIGNED_POINTER = 2003,
  BAD_PARAM_NOT_FINALIZED = 2004,
  BAD_PARAM_SHAPE_MISMATCH = 2008,
  BAD_PARAM_DUPLICATED_ENTRIES = 2009,
  BAD_PARAM_ATTRIBUTE_TYPE = 2010,
  BAD_PARAM_DESCRIPTOR_TYPE = 2012,
  NOT_SUPPORTED_GRAPH_PATTERN = 3001,
  NOT_SUPPORTED_SHAPE = 3002,
  NOT_SUPPORTED_DATA_TYPE = 3003,
  NOT_SUPPORTED_LAYOUT = 3004,
  EXECUTION_FAILED_CUDA_DRIVER = 5001
};

/* Kinds of descriptors. */
enum {
  POINTWISE = 0,
  CONVOLUTION = 1,
  ENGINE = 2,
  ENGINE_CONFIGURATION = 3,
  HEURISTIC = 4,
  PLAN = 5,
  CONVOLUTION_FORWARD = 10,
  CONVOLUTION_BACKWARD_FILTER = 11,
  CONVOLUTION_BACKWARD_DATA = 12,
  OPERATION_POINTWISE = 13,
  GRAPH = 15,
  VARIANT_PACK = 16,
  TENSOR = 17,
  MATMUL = 18,
  OPERATION_MATMUL = 19,
  REDUCTION = 21,
  OPERATION_REDUCTION = 22,
  OPERATION_RESHAPE = 31,
  DEVICE_PROPERTIES = 38
};

enum { F32 = 0, BF16 = 9 };
enum { CROSS_CORRELATION = 1 };
enum { HEURISTIC_FALLBACK = 2, HEURISTIC_A = 3 };
enum { NOTE_TENSOR_CORE = 0, NOTE_NONDETERMINISTIC = 4 };
enum { ADD = 0, MUL = 1, DIV = 6, SUB = 9, EXP = 13, LOG = 15, IDENTITY = 21 };
enum { REDUCE_ADD = 0, REDUCE_MAX = 3 };

#define MAX_TENSORS 64
#define MAX_OPERATIONS 64
#define MAX_JSON 4096

/* A tensor of four axes. */
typedef struct {
  int64_t id, dims[4], strides[4], alignment;
  int32_t type;
  bool is_virtual, is_value;
} tensor;

/* One operation; tensors by their positions, -1 where there is none. */
typedef struct {
  int32_t kind, mode;
  int32_t a, b, to; /* of a convolution: the first two of x, w and y that it reads, in this order */
  int64_t dilation[2], stride[2], before[2], after[2];
  int32_t spatial;
  float alpha, beta;
} operation;

/* What a graph does, in an order in which it can be done. Never freed, because captured work may outlive its descriptors. */
typedef struct {
  int32_t num_tensors, num_operations;
  tensor tensors[MAX_TENSORS];
  operation operations[MAX_OPERATIONS];
} program;

typedef struct {
  int64_t index, workspace;
  int32_t notes[2];
  int32_t num_notes;
} engine;

typedef struct attribute {
  int32_t name, type;
  int64_t count;
  void *values; /* of descriptors: states */
  struct attribute *next;
} attribute;

/* What a descriptor stands for. Descriptors that refer to it keep it alive. */
typedef struct state {
  int32_t kind, references;
  bool complete;
  attribute *attributes;
  tensor tensor;       /* of a tensor */
  operation operation; /* of an operation, but for its tensors */
  program *program;    /* of a graph, and of what is made for one */
  engine engine;       /* of an engine, its configuration and plans */
} state;

typedef struct {
  uint32_t magic;
  state *state;
} descriptor;

typedef struct {
  uint32_t magic;
  void *stream;
} handle;

/* What an execution needs beside its program, as the driver gets it. */
typedef struct {
  const program *program;
  int64_t engine, workspace_bytes;
  void *workspace;
  void *memory[MAX_TENSORS]; /* null of virtual tensors and of values */
  float values[MAX_TENSORS];
} job;

/* Keeps words for cudnnGetLastErrorString, and gives back the status. */
int32_t fail(int32_t status, const char *words, ...) __attribute__((format(printf, 2, 3)));
void made(int n);
handle *handle_of(void *pointer);

state *new_state(int32_t kind);
void release(state *s);
/* Null if it is none, or was destroyed. */
state *state_of(void *pointer);
const attribute *find(const state *s, int32_t name);
/* Of one element. */
int64_t number(const state *s, int32_t name);
state *referred(const state *s, int32_t name, int64_t i);
/* Adds or replaces it; values are copied, descriptors' states too. */
void put(state *s, int32_t name, int32_t type, int64_t count, const void *values);

/* The checks of cudnnBackendFinalize. */
int32_t check_tensor(state *s);
int32_t check_convolution(state *s);
int32_t check_operation(state *s);
int32_t check_graph(state *s);
int32_t check_heuristic(state *s);
int32_t check_plan(state *s);
int32_t check_device(state *s);
int32_t check_pack(state *s);

/* Whether that operation is a product whose result is summed up in float32 in memory, and only then given its type. */
bool adds_in_memory(const program *p, int32_t product);
/* Bytes from a tensor's first element to the end of its last. */
int64_t span_bytes(const tensor *t);
/* 0, or a CUresult. */
int32_t run_job(void *job);
void convolve(const operation *o, const tensor *ts, void **memory, bool tf32);
void multiply(const operation *o, const tensor *ts, void **memory, bool tf32, bool accumulate);
float load(const tensor *t, const void *memory, int64_t at);
void store(const tensor *t, void *memory, int64_t at, float value);
/* What is left of a float32 factor where tensor cores multiply: ten bits after the point. */
float to_tf32(float x);

#endif
