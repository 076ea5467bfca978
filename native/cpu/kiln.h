/* Shared by all kernels: when work is worth several threads, and small helpers. Tensors are dense, row-major; feature maps
 * are NHWC. Every result is the same bits whatever the number of threads: sums are cut into pieces of fixed size, never by
 * the number of threads. */
#ifndef KILN_H
#define KILN_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define KILN_INLINE static inline __attribute__((always_inline))

/* Fewer elements than this are done by one thread: waking the others costs more. */
#define KILN_PARALLEL_MIN 16384

KILN_INLINE int64_t kiln_min(int64_t a, int64_t b) { return a < b ? a : b; }
KILN_INLINE int64_t kiln_max(int64_t a, int64_t b) { return a > b ? a : b; }
KILN_INLINE int64_t kiln_ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

typedef union {
  uint32_t bits;
  float value;
} kiln_float_bits;

KILN_INLINE float kiln_from_bits(uint32_t bits) { return (kiln_float_bits){.bits = bits}.value; }
KILN_INLINE uint32_t kiln_to_bits(float value) { return (kiln_float_bits){.value = value}.bits; }

#endif
