/* Random numbers by Philox4x32-10 (Salmon et al., SC 2011): uint32 words, uniform and normal float32. The counter's layout is
 * drawn in kiln.model.random.Philox, which this file agrees with: words and uniform numbers bit for bit, normal to 1 ulp.
 *
 * out is [num_samples][per_sample]; row s holds elements 0 .. per_sample - 1 of sample samples[s]. Every element depends on its
 * own counter only, so the result does not depend on the number of threads. */
#include "kernels.h"

#define ROUNDS 10

typedef struct {
  uint32_t word[4];
} block_t;

static inline block_t philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0;
    uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    uint32_t n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (block_t){{c0, c1, c2, c3}};
}

static inline block_t block_of(uint64_t seed, uint32_t stream, uint32_t step, int64_t sample, int64_t block) {
  uint32_t high = (uint32_t)((uint64_t)sample >> 32) << 8 | stream;
  return philox((uint32_t)block, step, (uint32_t)sample, high, (uint32_t)seed, (uint32_t)(seed >> 32));
}

/* Two words to two independent N(0, 1) numbers (Box and Muller 1958), in double so that the tails reach 6.6. */
static inline void box_muller(uint32_t a, uint32_t b, float *first, float *second) {
  double radius = sqrt(-2.0 * log(((double)a + 1.0) * 0x1p-32));
  double angle = 6.283185307179586476925 * ((double)b * 0x1p-32);
  *first = (float)(radius * cos(angle));
  *second = (float)(radius * sin(angle));
}

/* Calls emit(block, four numbers) for every block of every sample; the last block of a row may be cut short. */
#define FOR_EACH_BLOCK(T, CONVERT)                                                                  \
  int64_t blocks = (per_sample + 3) / 4;                                                            \
  _Pragma("omp parallel for schedule(static) if (num_samples * per_sample > 4096)")                 \
  for (int64_t i = 0; i < num_samples * blocks; i++) {                                              \
    int64_t row = i / blocks, block = i % blocks;                                                   \
    block_t bits = block_of(seed, stream, step, samples[row], block);                               \
    T numbers[4];                                                                                   \
    CONVERT                                                                                         \
    int64_t left = per_sample - 4 * block;                                                          \
    for (int64_t j = 0; j < (left < 4 ? left : 4); j++) out[row * per_sample + 4 * block + j] = numbers[j]; \
  }

void kiln_philox_words(uint32_t *out, int64_t num_samples, int64_t per_sample, const int64_t *samples,
                       uint64_t seed, uint32_t stream, uint32_t step) {
  FOR_EACH_BLOCK(uint32_t, for (int j = 0; j < 4; j++) numbers[j] = bits.word[j];)
}

/* [0, 1), multiples of 2^-24. */
void kiln_philox_uniform(float *out, int64_t num_samples, int64_t per_sample, const int64_t *samples,
                         uint64_t seed, uint32_t stream, uint32_t step) {
  FOR_EACH_BLOCK(float, for (int j = 0; j < 4; j++) numbers[j] = (float)(bits.word[j] >> 8) * 0x1p-24f;)
}

/* N(0, 1). */
void kiln_philox_normal(float *out, int64_t num_samples, int64_t per_sample, const int64_t *samples,
                        uint64_t seed, uint32_t stream, uint32_t step) {
  FOR_EACH_BLOCK(float, box_muller(bits.word[0], bits.word[1], &numbers[0], &numbers[1]);
                 box_muller(bits.word[2], bits.word[3], &numbers[2], &numbers[3]);)
}
