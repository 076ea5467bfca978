package kiln.data.documents;

import java.util.SplittableRandom;

/**
 * What a scanner does to a page: a crooked sheet, a tint that is darker on one side, noise, and a little blur.
 *
 * @param skew of the sheet, radians clockwise
 * @param paper colour of the sheet, 0xRRGGBB
 * @param shade how much darker one side is, 0..255
 * @param fromLeft whether that is the right side
 * @param noise the most that a channel is changed, 0..255
 * @param blurred whether each pixel is averaged with its neighbours
 * @param seed of the noise
 */
record Scan(double skew, int paper, int shade, boolean fromLeft, int noise, boolean blurred, long seed) {
  private static final int WHITE = 0xffffff;

  static final Scan NONE = new Scan(0, WHITE, 0, false, 0, false, 0);

  static Scan draw(SplittableRandom random) {
    int grey = random.nextInt(215, 253);
    int warm = random.nextInt(0, 14);
    return new Scan(
        StrictMath.toRadians(random.nextDouble(-1.5, 1.5)),
        grey << 16 | (grey - warm / 3) << 8 | (grey - warm),
        random.nextInt(0, 45),
        random.nextBoolean(),
        random.nextInt(2, 16),
        random.nextInt(3) == 0,
        random.nextLong());
  }

  /** Darkens, blurs and adds noise; the paper's colour is there already. */
  void apply(int[] rgb, int width, int height) {
    if (blurred) {
      blur(rgb, width, height);
    }
    long state = seed | 1;
    int span = 2 * noise + 1;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        int change = -(shade * (fromLeft ? x : width - 1 - x) / width);
        if (noise > 0) {
          change += (int) ((state >>> 33) % span) - noise;
        }
        int value = rgb[y * width + x];
        rgb[y * width + x] =
            changed(value >> 16 & 255, change) << 16 | changed(value >> 8 & 255, change) << 8 | changed(value & 255, change);
      }
    }
  }

  private static int changed(int channel, int change) {
    return Math.clamp(channel + change, 0, 255);
  }

  /** Weights 1 2 1 along rows, then along columns; edges stay. */
  private static void blur(int[] rgb, int width, int height) {
    int[] line = new int[Math.max(width, height)];
    for (int y = 0; y < height; y++) {
      blur(rgb, line, y * width, 1, width);
    }
    for (int x = 0; x < width; x++) {
      blur(rgb, line, x, width, height);
    }
  }

  private static void blur(int[] rgb, int[] line, int start, int step, int count) {
    for (int i = 0; i < count; i++) {
      line[i] = rgb[start + i * step];
    }
    for (int i = 1; i < count - 1; i++) {
      int mixed = 0;
      for (int shift = 0; shift <= 16; shift += 8) {
        int sum = (line[i - 1] >> shift & 255) + 2 * (line[i] >> shift & 255) + (line[i + 1] >> shift & 255);
        mixed |= (sum + 2) / 4 << shift;
      }
      rgb[start + i * step] = mixed;
    }
  }
}
