/* Random numbers by Philox4x32-10 (Salmon et al., SC 2011): uint32 words, uniform and normal float32. The counter's layout is
 * drawn in kiln.model.random.Philox; words and uniform numbers have the same bits as its and native/cpu's, normal ones differ by
 * at most 1 ulp.
 *
 * out is [num_samples][per_sample]; row s holds elements 0 .. per_sample - 1 of sample samples[s]. An item is four numbers of a
 * sample; every one depends on its own counter only. */
#include "kernels.h"

#define ROUNDS 10

struct words {
  uint32_t at[4];
};

KILN_INLINE words philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0;
    uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

/* put(place in out, words, how many of them are wanted) for every block of four. */
template <typename F>
KILN_INLINE void each_block(int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed, uint32_t stream,
                            uint32_t step, F put) {
  int64_t blocks = kiln_ceil_div(per_sample, 4);
  for (int64_t i = kiln_thread(); i < num_samples * blocks; i += kiln_threads()) {
    int64_t row = kiln_div(i, blocks);
    int64_t block = i - row * blocks;
    uint64_t sample = (uint64_t)samples[row];
    uint32_t high = (uint32_t)(sample >> 32) << 8 | stream;
    words bits = philox((uint32_t)block, step, (uint32_t)sample, high, (uint32_t)seed, (uint32_t)(seed >> 32));
    put(row * per_sample + 4 * block, bits, (int)kiln_min(4, per_sample - 4 * block));
  }
}

KILN_ITEMS kiln_philox_words(uint32_t *out, int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed,
                             uint32_t stream, uint32_t step) {
  each_block(num_samples, per_sample, samples, seed, stream, step, [=](int64_t at, const words &bits, int count) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      if (k < count) out[at + k] = bits.at[k];
    }
  });
}
KILN_REGISTER(kiln_philox_words);

/* [0, 1), multiples of 2^-24. */
KILN_ITEMS kiln_philox_uniform(float *out, int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed,
                               uint32_t stream, uint32_t step) {
  each_block(num_samples, per_sample, samples, seed, stream, step, [=](int64_t at, const words &bits, int count) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      if (k < count) out[at + k] = (float)(bits.at[k] >> 8) * 0x1p-24f;
    }
  });
}
KILN_REGISTER(kiln_philox_uniform);

/* Two words to two independent N(0, 1) numbers (Box and Muller 1958), in double so that the tails reach 6.6. */
KILN_INLINE void box_muller(uint32_t a, uint32_t b, float *first, float *second) {
  double radius = sqrt(-2.0 * log(((double)a + 1.0) * 0x1p-32));
  double angle = 6.283185307179586476925 * ((double)b * 0x1p-32);
  *first = (float)(radius * cos(angle));
  *second = (float)(radius * sin(angle));
}

/* N(0, 1). */
KILN_ITEMS kiln_philox_normal(float *out, int64_t num_samples, int64_t per_sample, const int64_t *samples, uint64_t seed,
                              uint32_t stream, uint32_t step) {
  each_block(num_samples, per_sample, samples, seed, stream, step, [=](int64_t at, const words &bits, int count) {
    float numbers[4];
    box_muller(bits.at[0], bits.at[1], &numbers[0], &numbers[1]);
    box_muller(bits.at[2], bits.at[3], &numbers[2], &numbers[3]);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      if (k < count) out[at + k] = numbers[k];
    }
  });
}
KILN_REGISTER(kiln_philox_normal);
