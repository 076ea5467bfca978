package kiln.model.pipeline;

import kiln.bindings.UserException;
import kiln.model.diffusion.ImageRange;

/** Decoded values become pixels; what does not fit into 0 … 255 is cut, and counted. */
final class Pixels {
  /** Half a step between pixels: what is farther outside of [-1, 1] is more than a rounding away. */
  private static final float ROUNDING = 0.5f / 127.5f;

  private long values;
  private long outside;
  private float furthest = 1;

  /**
   * @param number of the picture, for messages
   * @param decoded one picture [height, width, 3] from {@code offset} on
   * @throws UserException if a value is not finite
   */
  byte[] of(long number, float[] decoded, int offset, int length) {
    byte[] pixels = new byte[length];
    for (int i = 0; i < length; i++) {
      float value = decoded[offset + i];
      if (!Float.isFinite(value)) {
        throw new UserException(
            "picture " + (number + 1) + ": the decoder gave " + value + ", expected finite numbers: its weights do not fit");
      }
      if (Math.abs(value) > 1 + ROUNDING) {
        outside++;
        furthest = Math.max(furthest, Math.abs(value));
      }
      pixels[i] = ImageRange.toPixel(value);
    }
    values += length;
    return pixels;
  }

  /** Of all pictures so far. */
  DecodedRange range() {
    return new DecodedRange(values == 0 ? 0 : (double) outside / values, furthest);
  }
}
