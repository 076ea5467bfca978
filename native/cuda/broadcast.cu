/* y [outer, middle, inner] from x [outer, inner]. Operation: Broadcast. */
#include "kernels.h"
#include "span.h"

template <typename T>
KILN_INLINE void broadcast(const T *x, T *y, int64_t n, kiln_span span) {
  bool packed = kiln_aligned(x, y) && span.packs(kiln_pack<T>::count);
  kiln_each<T>(n, packed, [=](auto lanes, int64_t i) { kiln_write(y + i, kiln_read_span<lanes.count>(x, span, i)); });
}

KILN_ELEMENTS kiln_broadcast(int32_t bf16, const void *x, void *y, int64_t outer, int64_t middle, int64_t inner) {
  int64_t n = outer * middle * inner;
  kiln_span span = {middle, inner};
  if (bf16) {
    broadcast((const uint16_t *)x, (uint16_t *)y, n, span);
  } else {
    broadcast((const float *)x, (float *)y, n, span);
  }
}
KILN_REGISTER(kiln_broadcast);
