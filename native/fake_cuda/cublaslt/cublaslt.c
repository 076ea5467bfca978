/*
 * What bindings call of cuBLASLt, computed on the host over the memory of the driver for tests, column by column as the library's
 * manual has it. It needs no header of the library's; the values below are those of native/checks/cublaslt.c.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../queue.h"

#define EXPORT __attribute__((visibility("default")))

enum { SUCCESS = 0, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum { R_32F = 0, R_16BF = 14 };
enum { OP_T = 1 };
enum { TRANSA = 3, TRANSB = 4, EPILOGUE = 7, BIAS_POINTER = 8, AUX_POINTER = 11, AUX_LD = 12, AUX_STRIDE = 13 };
enum { LAYOUT_BATCH = 5, LAYOUT_STRIDE = 6, PREF_WORKSPACE = 1 };
enum { BIAS = 4, BGRAD = 16, GELU = 32, DGELU = 64, AUX = 128, BGRADA = 256, BGRADB = 512 };

typedef struct {
  int64_t attributes[64];
} product;

typedef struct {
  int32_t type;
  int64_t rows, columns, ld, batch, stride;
} layout;

typedef struct {
  int64_t workspace;
} preference;

typedef struct {
  uint64_t algorithm[8];
  size_t workspace;
  int32_t state;
  float waves;
  int32_t reserved[4];
} heuristic;

EXPORT size_t cublasLtGetVersion(void) { return 130000; }

EXPORT const char *cublasLtGetStatusName(int32_t status) {
  switch (status) {
    case NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    case EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    default: return "CUBLAS_STATUS_INVALID_VALUE";
  }
}

EXPORT const char *cublasLtGetStatusString(int32_t status) {
  switch (status) {
    case NOT_SUPPORTED: return "the requested functionality is not supported";
    case EXECUTION_FAILED: return "the function failed to launch on the GPU";
    default: return "an unsupported value or parameter";
  }
}

EXPORT int32_t cublasLtCreate(void **handle) {
  *handle = malloc(1);
  return SUCCESS;
}

EXPORT int32_t cublasLtDestroy(void *handle) {
  free(handle);
  return SUCCESS;
}

EXPORT int32_t cublasLtMatmulDescCreate(product **p, int32_t compute, int32_t scale) {
  if ((compute != 68 && compute != 77) || scale != R_32F) return INVALID_VALUE;
  *p = calloc(1, sizeof(**p));
  (*p)->attributes[EPILOGUE] = 1;
  return SUCCESS;
}

EXPORT int32_t cublasLtMatmulDescDestroy(product *p) {
  free(p);
  return SUCCESS;
}

EXPORT int32_t cublasLtMatmulDescSetAttribute(product *p, int32_t attribute, const void *value, size_t bytes) {
  size_t wanted = attribute == TRANSA || attribute == TRANSB || attribute == EPILOGUE ? 4 : 8;
  if (bytes != wanted || attribute < 0 || attribute >= 64) return INVALID_VALUE;
  memcpy(&p->attributes[attribute], value, bytes);
  return SUCCESS;
}

EXPORT int32_t cublasLtMatrixLayoutCreate(layout **l, int32_t type, uint64_t rows, uint64_t columns, int64_t ld) {
  if (ld < (int64_t)rows) return INVALID_VALUE;
  *l = malloc(sizeof(**l));
  **l = (layout){type, (int64_t)rows, (int64_t)columns, ld, 1, 0};
  return SUCCESS;
}

EXPORT int32_t cublasLtMatrixLayoutDestroy(layout *l) {
  free(l);
  return SUCCESS;
}

EXPORT int32_t cublasLtMatrixLayoutSetAttribute(layout *l, int32_t attribute, const void *value, size_t bytes) {
  if (attribute == LAYOUT_BATCH && bytes == 4) {
    l->batch = *(const int32_t *)value;
  } else if (attribute == LAYOUT_STRIDE && bytes == 8) {
    l->stride = *(const int64_t *)value;
  } else {
    return INVALID_VALUE;
  }
  return SUCCESS;
}

EXPORT int32_t cublasLtMatmulPreferenceCreate(preference **p) {
  *p = calloc(1, sizeof(**p));
  return SUCCESS;
}

EXPORT int32_t cublasLtMatmulPreferenceDestroy(preference *p) {
  free(p);
  return SUCCESS;
}

EXPORT int32_t cublasLtMatmulPreferenceSetAttribute(preference *p, int32_t attribute, const void *value, size_t bytes) {
  if (bytes != (attribute == PREF_WORKSPACE ? 8 : 4)) return INVALID_VALUE;
  if (attribute == PREF_WORKSPACE) memcpy(&p->workspace, value, 8);
  return SUCCESS;
}

static int fits(const product *p, const layout *a, const layout *b, const layout *d) {
  int ta = p->attributes[TRANSA] == OP_T, tb = p->attributes[TRANSB] == OP_T;
  int64_t m = ta ? a->columns : a->rows, k = ta ? a->rows : a->columns;
  int64_t k2 = tb ? b->columns : b->rows, n = tb ? b->rows : b->columns;
  return m == d->rows && n == d->columns && k == k2 && a->batch == d->batch && b->batch == d->batch;
}

/* Two algorithms: one that needs no scratch, and one that needs 1024 bytes. */
EXPORT int32_t cublasLtMatmulAlgoGetHeuristic(void *handle, product *p, layout *a, layout *b, layout *c, layout *d,
                                              preference *preferred, int32_t wanted, heuristic *found, int32_t *count) {
  *count = 0;
  if (handle == NULL || c->type != d->type || !fits(p, a, b, d)) return INVALID_VALUE;
  if (a->type != b->type || (a->type != R_32F && a->type != R_16BF)) return NOT_SUPPORTED;
  for (size_t workspace = 0; workspace <= 1024 && *count < wanted; workspace += 1024) {
    if ((int64_t)workspace <= preferred->workspace) found[(*count)++] = (heuristic){{1 + workspace}, workspace, SUCCESS, 1, {0}};
  }
  return SUCCESS;
}

static float load(const void *from, int32_t type, int64_t i) {
  if (type == R_32F) return ((const float *)from)[i];
  uint32_t bits = (uint32_t)((const uint16_t *)from)[i] << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static void store(void *to, int32_t type, int64_t i, float value) {
  if (type == R_32F) {
    ((float *)to)[i] = value;
    return;
  }
  uint32_t bits;
  memcpy(&bits, &value, 4);
  ((uint16_t *)to)[i] = (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static float gelu(float x) { return 0.5f * x * (1 + tanhf(0.7978845608f * (x + 0.044715f * x * x * x))); }

static float gelu_slope(float x) {
  float t = tanhf(0.7978845608f * (x + 0.044715f * x * x * x));
  return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * 0.7978845608f * (1 + 3 * 0.044715f * x * x);
}

/* A product as it is queued: the descriptors may be gone when it is done. */
typedef struct {
  int64_t epilogue, aux_ld, aux_stride;
  int ta, tb;
  float alpha, beta;
  const void *a, *b;
  void *d, *bias, *aux;
  layout la, lb, ld;
} job;

static int32_t multiply(void *bytes) {
  const job *j = bytes;
  layout la = j->la, lb = j->lb, ld = j->ld;
  int64_t epilogue = j->epilogue, depth = j->ta ? la.rows : la.columns;
#define A(i, j_) load(j->a, la.type, batch *la.stride + (j->ta ? (j_) + (i)*la.ld : (i) + (j_)*la.ld))
#define B(i, j_) load(j->b, lb.type, batch *lb.stride + (j->tb ? (j_) + (i)*lb.ld : (i) + (j_)*lb.ld))
  for (int64_t batch = 0; batch < ld.batch; batch++) {
    for (int64_t row = 0; row < ld.rows; row++) {
      float row_sum = 0;
      for (int64_t column = 0; column < ld.columns; column++) {
        float sum = 0;
        for (int64_t k = 0; k < depth; k++) sum += A(row, k) * B(k, column);
        int64_t at = batch * ld.stride + row + column * ld.ld, aux_at = batch * j->aux_stride + row + column * j->aux_ld;
        float value = j->alpha * sum + (j->beta == 0 ? 0 : j->beta * load(j->d, ld.type, at));
        if (epilogue & BIAS) value += load(j->bias, ld.type, row);
        if ((epilogue & GELU) && (epilogue & AUX)) store(j->aux, ld.type, aux_at, value);
        if (epilogue & GELU) value = gelu(value);
        if (epilogue & DGELU) value *= gelu_slope(load(j->aux, ld.type, aux_at));
        row_sum += value;
        store(j->d, ld.type, at, value);
      }
      if (epilogue & BGRAD) store(j->bias, ld.type, row, row_sum);
    }
    for (int64_t row = 0; (epilogue & BGRADA) && row < ld.rows; row++) {
      float sum = 0;
      for (int64_t k = 0; k < depth; k++) sum += A(row, k);
      store(j->bias, ld.type, row, sum);
    }
    for (int64_t column = 0; (epilogue & BGRADB) && column < ld.columns; column++) {
      float sum = 0;
      for (int64_t k = 0; k < depth; k++) sum += B(k, column);
      store(j->bias, ld.type, column, sum);
    }
  }
  return 0;
}

EXPORT int32_t cublasLtMatmul(void *handle, product *p, const float *alpha, const void *a, layout *la, const void *b, layout *lb,
                              const float *beta, const void *c, layout *lc, void *d, layout *ld, const heuristic *algorithm,
                              void *workspace, size_t workspace_bytes, void *stream) {
  if (handle == NULL || stream == NULL || c != d || lc != ld || !fits(p, la, lb, ld)) return INVALID_VALUE;
  if (algorithm->algorithm[0] > 1 && (workspace == NULL || workspace_bytes < 1024)) return INVALID_VALUE;
  int64_t epilogue = p->attributes[EPILOGUE];
  void *bias = (void *)(intptr_t)p->attributes[BIAS_POINTER], *aux = (void *)(intptr_t)p->attributes[AUX_POINTER];
  int64_t aux_ld = p->attributes[AUX_LD];
  if ((epilogue & AUX) != 0 && (aux == NULL || aux_ld < ld->rows || aux_ld % 8 != 0)) return INVALID_VALUE;
  if ((epilogue & (BIAS | BGRAD | BGRADA | BGRADB)) != 0 && bias == NULL) return INVALID_VALUE;
  int ta = p->attributes[TRANSA] == OP_T, tb = p->attributes[TRANSB] == OP_T;
  job j = {epilogue, aux_ld, p->attributes[AUX_STRIDE], ta, tb, *alpha, *beta, a, b, d, bias, aux, *la, *lb, *ld};
  return fake_queue(stream, multiply, &j, sizeof(j)) == 0 ? SUCCESS : EXECUTION_FAILED;
}
