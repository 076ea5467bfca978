/* Rows of a PNG back from its filters (PNG specification, third edition, section 9): every byte was stored as its difference from a
 * prediction by its neighbours to the left (a), above (b) and above left (c). Operation: data's PngDecoder. */
#include <string.h>

#include "kernels.h"

KILN_INLINE int nearest(int a, int b, int c) {
  int by_a = b - c, by_b = a - c;
  int far_a = by_a < 0 ? -by_a : by_a;
  int far_b = by_b < 0 ? -by_b : by_b;
  int both = by_a + by_b;
  int far_c = both < 0 ? -both : both;
  int best = far_b <= far_c ? b : c;
  return far_a <= far_b && far_a <= far_c ? a : best;
}

/* One row; `above` is zeros for the first. Returns 0 if there is no such filter. */
KILN_INLINE int unfilter(int filter, const uint8_t *x, const uint8_t *above, uint8_t *y, int64_t stride, int pixel) {
  int a[4] = {0}, c[4] = {0};
  switch (filter) {
    case 0:
      memcpy(y, x, (size_t)stride);
      return 1;
    case 1:
      for (int64_t i = 0; i < stride; i += pixel) {
        for (int k = 0; k < pixel; k++) y[i + k] = (uint8_t)(a[k] = (x[i + k] + a[k]) & 255);
      }
      return 1;
    case 2:
      for (int64_t i = 0; i < stride; i++) y[i] = (uint8_t)(x[i] + above[i]);
      return 1;
    case 3:
      for (int64_t i = 0; i < stride; i += pixel) {
        for (int k = 0; k < pixel; k++) y[i + k] = (uint8_t)(a[k] = (x[i + k] + ((a[k] + above[i + k]) >> 1)) & 255);
      }
      return 1;
    case 4:
      for (int64_t i = 0; i < stride; i += pixel) {
        for (int k = 0; k < pixel; k++) {
          int b = above[i + k];
          y[i + k] = (uint8_t)(a[k] = (x[i + k] + nearest(a[k], b, c[k])) & 255);
          c[k] = b;
        }
      }
      return 1;
    default:
      return 0;
  }
}

/* x: height rows of a filter's number and stride bytes; y: [height, stride]; zeros: stride of them; pixel: 1 to 4 bytes of a pixel,
 * which divide stride. Returns 1, or 0 if a row names a filter that there is not. */
int64_t kiln_png_unfilter(const uint8_t *x, uint8_t *y, const uint8_t *zeros, int64_t height, int64_t stride, int64_t pixel) {
  const uint8_t *above = zeros;
  int known = 1;
  for (int64_t row = 0; row < height && known; row++) {
    int filter = *x++;
    switch (pixel) {
      case 1: known = unfilter(filter, x, above, y, stride, 1); break;
      case 2: known = unfilter(filter, x, above, y, stride, 2); break;
      case 3: known = unfilter(filter, x, above, y, stride, 3); break;
      default: known = unfilter(filter, x, above, y, stride, 4); break;
    }
    above = y;
    x += stride;
    y += stride;
  }
  return known;
}
