/* Shared by all CUDA kernels: how work is dealt out, loads and stores of 16 bytes, sums over warps and blocks. Tensors are dense,
 * row-major; feature maps are NHWC. bf16 says whether activations are bfloat16 (1) or float32 (0); arithmetic is float32.
 *
 * Grids have one dimension, blocks KILN_THREADS threads, all shared memory is static. Every kernel loops until its work is done,
 * so any number of blocks gives the right result, and the same bits: which numbers are added in which order depends on the
 * sizes only, and no float is added atomically. */
#ifndef KILN_CUDA_H
#define KILN_CUDA_H

#include <stdint.h>

#ifdef KILN_HOST
#include "host/shim.h"
#else
#define KILN_REGISTER(kernel) static_assert(true, "")
#endif

#define KILN_INLINE static __device__ __forceinline__

#define KILN_THREADS 256
#define KILN_WARP 32
#define KILN_WARPS_PER_BLOCK (KILN_THREADS / KILN_WARP)
#define KILN_ALL_LANES 0xffffffffu

/* Rows whose sums are one partial result: NormKernels.ROWS_PER_PARTIAL. */
#define KILN_RUN 64

/* What a kernel is launched with, by its kind of work (kernels.h says what an item is):
 *   KILN_ELEMENTS  ceil(items / 2048) blocks: every thread does about eight elements
 *   KILN_ITEMS     ceil(items / 256) blocks: a thread for an item
 *   KILN_WARPS     ceil(items / 8) blocks: a warp for an item
 *   KILN_BLOCKS    as many blocks as items
 * and always at least one. DeviceKernel.java repeats this; DeviceKernelsHeaderTest compares. */
#define KILN_KERNEL extern "C" __global__ void __launch_bounds__(KILN_THREADS)
#define KILN_ELEMENTS KILN_KERNEL
#define KILN_ITEMS KILN_KERNEL
#define KILN_WARPS KILN_KERNEL
#define KILN_BLOCKS KILN_KERNEL

KILN_INLINE int64_t kiln_min(int64_t a, int64_t b) { return a < b ? a : b; }
KILN_INLINE int64_t kiln_ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/* a / b and a % b of numbers that are not negative; a division of 32 bits takes a fifth of the time of one of 64. */
KILN_INLINE int64_t kiln_div(int64_t a, int64_t b) {
  return ((a | b) >> 32) == 0 ? (int64_t)((uint32_t)a / (uint32_t)b) : a / b;
}
KILN_INLINE int64_t kiln_mod(int64_t a, int64_t b) { return a - kiln_div(a, b) * b; }

KILN_INLINE int kiln_lane(void) { return (int)(threadIdx.x % KILN_WARP); }
KILN_INLINE int kiln_warp(void) { return (int)(threadIdx.x / KILN_WARP); }
KILN_INLINE int64_t kiln_thread(void) { return (int64_t)blockIdx.x * KILN_THREADS + threadIdx.x; }
KILN_INLINE int64_t kiln_threads(void) { return (int64_t)gridDim.x * KILN_THREADS; }
KILN_INLINE int64_t kiln_grid_warp(void) { return (int64_t)blockIdx.x * KILN_WARPS_PER_BLOCK + kiln_warp(); }
KILN_INLINE int64_t kiln_grid_warps(void) { return (int64_t)gridDim.x * KILN_WARPS_PER_BLOCK; }

/* bfloat16 as in native/cpu/bf16.h, with the same bits: stored by rounding to nearest, ties to even; NaN stays NaN. */
KILN_INLINE float kiln_load(float x) { return x; }
KILN_INLINE float kiln_load(uint16_t x) { return __uint_as_float((uint32_t)x << 16); }
KILN_INLINE uint32_t kiln_bf16_bits(float x) {
  uint32_t u = __float_as_uint(x);
  uint32_t nearest_even = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
  uint32_t quiet_nan = (u >> 16) | 0x40u;
  return x != x ? quiet_nan : nearest_even;
}
KILN_INLINE void kiln_store(float *y, float x) { *y = x; }
KILN_INLINE void kiln_store(uint16_t *y, float x) { *y = (uint16_t)kiln_bf16_bits(x); }

/* N neighbouring elements as float32. */
template <int N>
struct kiln_floats {
  float at[N];
};

/* N as a type, for the functions that kiln_each calls. */
template <int N>
struct kiln_lanes {
  static constexpr int count = N;
};

/* Elements of type T in 16 bytes. */
template <typename T>
struct kiln_pack {
  static constexpr int count = 16 / (int)sizeof(T);
};

template <typename... P>
KILN_INLINE bool kiln_aligned(P... pointers) {
  return ((((uintptr_t)pointers) | ...) & 15) == 0;
}

KILN_INLINE void kiln_unpack(const uint4 &words, const float *, float *to) {
  to[0] = __uint_as_float(words.x);
  to[1] = __uint_as_float(words.y);
  to[2] = __uint_as_float(words.z);
  to[3] = __uint_as_float(words.w);
}

KILN_INLINE void kiln_unpack(const uint4 &words, const uint16_t *, float *to) {
  const uint32_t pairs[4] = {words.x, words.y, words.z, words.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    to[2 * i] = __uint_as_float(pairs[i] << 16);
    to[2 * i + 1] = __uint_as_float(pairs[i] & 0xffff0000u);
  }
}

KILN_INLINE uint4 kiln_pack_words(const float *from, const float *) {
  return make_uint4(__float_as_uint(from[0]), __float_as_uint(from[1]), __float_as_uint(from[2]), __float_as_uint(from[3]));
}

KILN_INLINE uint4 kiln_pack_words(const float *from, const uint16_t *) {
  uint32_t pairs[4];
#pragma unroll
  for (int i = 0; i < 4; i++) pairs[i] = kiln_bf16_bits(from[2 * i]) | kiln_bf16_bits(from[2 * i + 1]) << 16;
  return make_uint4(pairs[0], pairs[1], pairs[2], pairs[3]);
}

/* N elements at x, which is aligned to 16 bytes if N > 1. */
template <int N, typename T>
KILN_INLINE kiln_floats<N> kiln_read(const T *x) {
  kiln_floats<N> y;
  if constexpr (N == 1) {
    y.at[0] = kiln_load(*x);
  } else {
    constexpr int count = kiln_pack<T>::count;
#pragma unroll
    for (int i = 0; i < N; i += count) kiln_unpack(*(const uint4 *)(x + i), x, y.at + i);
  }
  return y;
}

template <int N, typename T>
KILN_INLINE void kiln_write(T *y, const kiln_floats<N> &x) {
  if constexpr (N == 1) {
    kiln_store(y, x.at[0]);
  } else {
    constexpr int count = kiln_pack<T>::count;
#pragma unroll
    for (int i = 0; i < N; i += count) *(uint4 *)(y + i) = kiln_pack_words(x.at + i, y);
  }
}

/* A type as a value. */
template <typename T>
struct kiln_of {
  typedef T type;
};

/* f(kiln_lanes<N>(), kiln_of<T>()) for the type of the activations and, if packed, as many of them as are 16 bytes, else 1. */
template <typename F>
KILN_INLINE void kiln_choose(int32_t bf16, bool packed, F f) {
  if (bf16 && packed) {
    f(kiln_lanes<kiln_pack<uint16_t>::count>(), kiln_of<uint16_t>());
  } else if (bf16) {
    f(kiln_lanes<1>(), kiln_of<uint16_t>());
  } else if (packed) {
    f(kiln_lanes<kiln_pack<float>::count>(), kiln_of<float>());
  } else {
    f(kiln_lanes<1>(), kiln_of<float>());
  }
}

/* f(kiln_of<T>()) for the type of the activations. */
template <typename F>
KILN_INLINE void kiln_typed(int32_t bf16, F f) {
  if (bf16) {
    f(kiln_of<uint16_t>());
  } else {
    f(kiln_of<float>());
  }
}

/* Shares the elements 0 .. n - 1 among all threads: f(kiln_lanes<N>(), i) for N elements from i on, N being those of T in 16
 * bytes if packed, and 1 for the rest. */
template <typename T, typename F>
KILN_INLINE void kiln_each(int64_t n, bool packed, F f) {
  constexpr int N = kiln_pack<T>::count;
  int64_t packs = packed ? n / N : 0;
#pragma unroll 1
  for (int64_t i = kiln_thread(); i < packs; i += kiln_threads()) f(kiln_lanes<N>(), i * N);
#pragma unroll 1
  for (int64_t i = packs * N + kiln_thread(); i < n; i += kiln_threads()) f(kiln_lanes<1>(), i);
}

/* Shares the columns 0 .. c - 1 of a row among the lanes of a warp, as kiln_each does; here packed needs c to be whole packs. */
template <typename T, typename F>
KILN_INLINE void kiln_each_column(int64_t c, bool packed, F f) {
  constexpr int N = kiln_pack<T>::count;
  if (packed) {
    for (int64_t j = kiln_lane() * N; j < c; j += KILN_WARP * N) f(kiln_lanes<N>(), j);
  } else {
#pragma unroll 1
    for (int64_t j = kiln_lane(); j < c; j += KILN_WARP) f(kiln_lanes<1>(), j);
  }
}

/* Over the lanes of a warp; every lane gets the same bits. */
template <typename T>
KILN_INLINE T kiln_warp_sum(T value) {
#pragma unroll
  for (int step = KILN_WARP / 2; step > 0; step /= 2) value += __shfl_xor_sync(KILN_ALL_LANES, value, step);
  return value;
}

KILN_INLINE float kiln_warp_max(float value) {
#pragma unroll
  for (int step = KILN_WARP / 2; step > 0; step /= 2) {
    float other = __shfl_xor_sync(KILN_ALL_LANES, value, step);
    value = other > value || other != other ? other : value;
  }
  return value;
}

/* Over the threads of a block, which all call it and all get the sum. */
template <typename T>
KILN_INLINE T kiln_block_sum(T value, T (&of_warps)[KILN_WARPS_PER_BLOCK]) {
  value = kiln_warp_sum(value);
  __syncthreads(); /* the sum before may still be being read */
  if (kiln_lane() == 0) of_warps[kiln_warp()] = value;
  __syncthreads();
  T total = 0;
  for (int i = 0; i < KILN_WARPS_PER_BLOCK; i++) total += of_warps[i];
  return total;
}

/* What native/cpu returns as the first bad index: the least one that any thread finds. *bad starts at 2^64 - 1. */
KILN_INLINE void kiln_report(unsigned long long *bad, int64_t index) { atomicMin(bad, (unsigned long long)index); }

#endif
