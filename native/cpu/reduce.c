/*
 * out[i] = sources[0][i] ⊕ sources[1][i] ⊕ … in that order, elementwise: the arithmetic of allReduce and reduceScatter.
 *
 * The order of the sources fixes the rounding, so whoever reduces gets the same bits. bfloat16 accumulates in float32 and
 * rounds once, to nearest even. The maximum or minimum of anything and NaN is NaN. Integer sums wrap; an integer average is
 * the wrapped sum divided by the number of sources, rounded towards zero. out may be one of the sources.
 *
 * No OpenMP threads: this runs on the thread that makes a collective progress, beside the thread pool that computes.
 */
#include "reduce.h"

#include "bf16.h"
#include "kernels.h"

/* Elements per block: the accumulators stay in the first-level cache. */
#define BLOCK 1024

#define SAME(x) (x)
#define ADD_FLOAT(a, x) ((a) + (x))
#define MAX_FLOAT(a, x) ((x) > (a) || (x) != (x) ? (x) : (a))
#define MIN_FLOAT(a, x) ((x) < (a) || (x) != (x) ? (x) : (a))
#define ADD_I32(a, x) ((int32_t)((uint32_t)(a) + (uint32_t)(x)))
#define ADD_I64(a, x) ((int64_t)((uint64_t)(a) + (uint64_t)(x)))
#define MAX_INT(a, x) ((x) > (a) ? (x) : (a))
#define MIN_INT(a, x) ((x) < (a) ? (x) : (a))

#define ACCUMULATE(A, LOAD, COMBINE)                                            \
  for (int64_t s = 1; s < num_sources; s++) {                                   \
    _Pragma("omp simd") for (int64_t i = 0; i < n; i++) {                       \
      A x = LOAD(sources[s][first + i]);                                        \
      sum[i] = COMBINE(sum[i], x);                                              \
    }                                                                           \
  }

/* T: element, A: accumulator, LOAD: T to A, STORE: A to T. */
#define REDUCE(NAME, T, A, LOAD, STORE, ADD, MAX, MIN)                                                              \
  void NAME(const T *const *sources, int64_t num_sources, T *out, int64_t count, int32_t reduction) {               \
    A sum[BLOCK];                                                                                                   \
    const A divisor = (A)num_sources;                                                                               \
    for (int64_t first = 0; first < count; first += BLOCK) {                                                        \
      const int64_t n = count - first < BLOCK ? count - first : BLOCK;                                              \
      _Pragma("omp simd") for (int64_t i = 0; i < n; i++) sum[i] = LOAD(sources[0][first + i]);                     \
      switch ((enum kiln_reduction)reduction) {                                                                     \
        case kiln_reduction_sum:                                                                                    \
          ACCUMULATE(A, LOAD, ADD) break;                                                                           \
        case kiln_reduction_average:                                                                                \
          ACCUMULATE(A, LOAD, ADD)                                                                                  \
          _Pragma("omp simd") for (int64_t i = 0; i < n; i++) sum[i] = sum[i] / divisor;                            \
          break;                                                                                                    \
        case kiln_reduction_max:                                                                                    \
          ACCUMULATE(A, LOAD, MAX) break;                                                                           \
        case kiln_reduction_min:                                                                                    \
          ACCUMULATE(A, LOAD, MIN) break;                                                                           \
      }                                                                                                             \
      _Pragma("omp simd") for (int64_t i = 0; i < n; i++) out[first + i] = STORE(sum[i]);                           \
    }                                                                                                               \
  }

REDUCE(kiln_reduce_f32, float, float, SAME, SAME, ADD_FLOAT, MAX_FLOAT, MIN_FLOAT)
REDUCE(kiln_reduce_bf16, uint16_t, float, kiln_bf16_load, kiln_bf16_store, ADD_FLOAT, MAX_FLOAT, MIN_FLOAT)
REDUCE(kiln_reduce_i32, int32_t, int32_t, SAME, SAME, ADD_I32, MAX_INT, MIN_INT)
REDUCE(kiln_reduce_i64, int64_t, int64_t, SAME, SAME, ADD_I64, MAX_INT, MIN_INT)

/* data[i] /= divisor, as an average does it: what is left of one when the sum was made in several places. */
#define DIVIDE(NAME, T, A, LOAD, STORE)                                                                             \
  void NAME(T *data, int64_t count, int64_t divisor) {                                                              \
    const A by = (A)divisor;                                                                                        \
    _Pragma("omp simd") for (int64_t i = 0; i < count; i++) data[i] = STORE(LOAD(data[i]) / by);                    \
  }

DIVIDE(kiln_divide_f32, float, float, SAME, SAME)
DIVIDE(kiln_divide_bf16, uint16_t, float, kiln_bf16_load, kiln_bf16_store)
DIVIDE(kiln_divide_i32, int32_t, int32_t, SAME, SAME)
DIVIDE(kiln_divide_i64, int64_t, int64_t, SAME, SAME)
