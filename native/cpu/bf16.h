/* bfloat16, the upper half of a float32: loaded by a shift, stored by rounding to nearest, ties to even, in integer arithmetic
 * that every compiler vectorises on every processor. NaN stays NaN. */
#ifndef KILN_BF16_H
#define KILN_BF16_H

#include "kiln.h"

KILN_INLINE float kiln_bf16_load(uint16_t x) { return kiln_from_bits((uint32_t)x << 16); }

KILN_INLINE uint16_t kiln_bf16_store(float x) {
  uint32_t u = kiln_to_bits(x);
  uint32_t nearest_even = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
  uint32_t quiet_nan = (u >> 16) | 0x40u;
  return (uint16_t)(x != x ? quiet_nan : nearest_even);
}

#endif
