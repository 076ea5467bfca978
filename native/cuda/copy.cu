/* Copies of equal blocks from one stride to another: how tensors are joined, cut and padded along an axis. All sizes are in
 * bytes, and moved in the largest words that they and the addresses are multiples of. Operations: Concat, Slice, Pad. Items are
 * bytes written, divided by 4. */
#include "kernels.h"

/* f(kiln_of<word>()) for the largest word that divides all sizes, given ored together. */
template <typename F>
KILN_INLINE void with_words(uint64_t sizes, F f) {
  if (sizes % 16 == 0) {
    f(kiln_of<uint4>());
  } else if (sizes % 4 == 0) {
    f(kiln_of<uint32_t>());
  } else if (sizes % 2 == 0) {
    f(kiln_of<uint16_t>());
  } else {
    f(kiln_of<uint8_t>());
  }
}

KILN_ELEMENTS kiln_copy_blocks(const char *x, char *y, int64_t count, int64_t block, int64_t x_start, int64_t x_stride,
                               int64_t y_start, int64_t y_stride) {
  uint64_t sizes = (uint64_t)(uintptr_t)x | (uint64_t)(uintptr_t)y;
  sizes |= (uint64_t)(block | x_start | x_stride | y_start | y_stride);
  with_words(sizes, [=](auto type) {
    typedef typename decltype(type)::type W;
    int64_t words = block / (int64_t)sizeof(W);
    for (int64_t i = kiln_thread(); i < count * words; i += kiln_threads()) {
      int64_t row = kiln_div(i, words);
      int64_t at = (i - row * words) * (int64_t)sizeof(W);
      *(W *)(y + y_start + row * y_stride + at) = *(const W *)(x + x_start + row * x_stride + at);
    }
  });
}
KILN_REGISTER(kiln_copy_blocks);

/* y [count] of before + block + after bytes each, zero around the blocks of x. */
KILN_ELEMENTS kiln_pad_blocks(const char *x, char *y, int64_t count, int64_t before, int64_t block, int64_t after) {
  uint64_t sizes = (uint64_t)(uintptr_t)x | (uint64_t)(uintptr_t)y | (uint64_t)(before | block | after);
  with_words(sizes, [=](auto type) {
    typedef typename decltype(type)::type W;
    int64_t words = (before + block + after) / (int64_t)sizeof(W);
    for (int64_t i = kiln_thread(); i < count * words; i += kiln_threads()) {
      int64_t row = kiln_div(i, words);
      int64_t at = (i - row * words) * (int64_t)sizeof(W) - before;
      W word = {};
      if (at >= 0 && at < block) word = *(const W *)(x + row * block + at);
      ((W *)y)[i] = word;
    }
  });
}
KILN_REGISTER(kiln_pad_blocks);
