/* y = a + b, a - b or a * b, where a is [outer, middle, inner] and b is [outer, inner]. Operation: Binary. */
#include "kernels.h"
#include "span.h"

enum { ADD, SUB, MUL }; /* in the order of kiln.model.op.Binary.Kind */

template <typename T, typename F>
KILN_INLINE void combine(const T *a, const T *b, T *y, int64_t n, kiln_span span, F f) {
  bool packed = kiln_aligned(a, b, y) && span.packs(kiln_pack<T>::count);
  kiln_each<T>(n, packed, [=](auto lanes, int64_t i) {
    auto v = kiln_read<lanes.count>(a + i);
    auto w = kiln_read_span<lanes.count>(b, span, i);
    for (int k = 0; k < lanes.count; k++) v.at[k] = f(v.at[k], w.at[k]);
    kiln_write(y + i, v);
  });
}

template <typename T>
KILN_INLINE void binary(int32_t kind, const T *a, const T *b, T *y, int64_t n, kiln_span span) {
  if (kind == ADD) {
    combine(a, b, y, n, span, [](float p, float q) { return p + q; });
  } else if (kind == SUB) {
    combine(a, b, y, n, span, [](float p, float q) { return p - q; });
  } else {
    combine(a, b, y, n, span, [](float p, float q) { return p * q; });
  }
}

KILN_ELEMENTS kiln_binary(int32_t bf16, int32_t kind, const void *a, const void *b, void *y, int64_t outer, int64_t middle,
                          int64_t inner) {
  int64_t n = outer * middle * inner;
  kiln_span span = {middle, inner};
  if (bf16) {
    binary(kind, (const uint16_t *)a, (const uint16_t *)b, (uint16_t *)y, n, span);
  } else {
    binary(kind, (const float *)a, (const float *)b, (float *)y, n, span);
  }
}
KILN_REGISTER(kiln_binary);
