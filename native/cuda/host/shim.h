/* CUDA as far as native/cuda uses it, for g++: the same .cu files become a library that runs their kernels on the processor, for
 * tests. Threads of a block are fibers (fibers.h) of one thread of the system, which go on by turns; blocks come one after
 * another. shim.cpp has the rules that it checks. */
#ifndef KILN_HOST_SHIM_H
#define KILN_HOST_SHIM_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define __global__ __attribute__((visibility("hidden")))
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(threads)

/* Lies where the runtime finds it, to fill it with NaN before every block. */
#define __shared__ static __attribute__((section("kiln_shared")))

struct uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct kiln_dim {
  unsigned x, y, z;
};

static inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

/* Those of the fiber that is running. */
extern kiln_dim threadIdx, blockIdx, blockDim, gridDim;

namespace kiln_shim {

/* What lets other threads run until all have come here; file and line say where the caller stands. */
void block_barrier(const char *file, int line);
void warp_barrier(unsigned mask, const char *file, int line);
/* Every lane gives eight bytes; returns those of all, valid until the second exchange after this one. */
const uint64_t *exchange(unsigned mask, uint64_t value, const char *file, int line);
unsigned lane();

template <typename T>
inline T shuffle(unsigned mask, T value, unsigned from, const char *file, int line) {
  static_assert(sizeof(T) <= 8, "a register or two");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof(T));
  const uint64_t *all = exchange(mask, bits, file, line);
  memcpy(&value, &all[from % 32], sizeof(T));
  return value;
}

}  // namespace kiln_shim

#define KILN_SHIM_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()

static inline void __syncthreads(KILN_SHIM_HERE) { kiln_shim::block_barrier(file, line); }
static inline void __syncwarp(unsigned mask = 0xffffffffu, KILN_SHIM_HERE) { kiln_shim::warp_barrier(mask, file, line); }

template <typename T>
static inline T __shfl_sync(unsigned mask, T value, int from, KILN_SHIM_HERE) {
  return kiln_shim::shuffle(mask, value, (unsigned)from, file, line);
}

template <typename T>
static inline T __shfl_xor_sync(unsigned mask, T value, int other, KILN_SHIM_HERE) {
  return kiln_shim::shuffle(mask, value, kiln_shim::lane() ^ (unsigned)other, file, line);
}

static inline unsigned __ballot_sync(unsigned mask, int vote, KILN_SHIM_HERE) {
  const uint64_t *all = kiln_shim::exchange(mask, vote != 0, file, line);
  unsigned votes = 0;
  for (int i = 0; i < 32; i++) votes |= (unsigned)all[i] << i;
  return votes;
}

static inline unsigned long long atomicMin(unsigned long long *address, unsigned long long value) {
  unsigned long long old = *address;
  if (value < old) *address = value;
  return old;
}

static inline int __popc(unsigned x) { return __builtin_popcount(x); }

static inline float __uint_as_float(unsigned bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline unsigned __float_as_uint(float value) {
  unsigned bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float normcdff(float x) { return 0.5f * erfcf(-0.70710678118654752f * x); }

#include "registry.h"

#endif
