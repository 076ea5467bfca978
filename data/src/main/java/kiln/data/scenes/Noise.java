package kiln.data.scenes;

import java.util.SplittableRandom;

/** Cloudy noise on a tile that repeats without a seam: the sum of value noise at doubling frequencies, 0..255. */
final class Noise {
  static final int SIDE = 512;
  private static final int SEED = 20;
  private static final int COARSEST = 8;
  private static final int FINEST = 128;

  private static final byte[] TILE = tile();

  private Noise() {}

  /** At any whole coordinates. */
  static int at(int x, int y) {
    return TILE[(y & SIDE - 1) * SIDE + (x & SIDE - 1)] & 255;
  }

  private static byte[] tile() {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] sum = new float[SIDE * SIDE];
    float weight = 1;
    for (int cells = COARSEST; cells <= FINEST; cells *= 2, weight /= 2) {
      float[] grid = new float[cells * cells];
      for (int i = 0; i < grid.length; i++) {
        grid[i] = (float) random.nextDouble() * weight;
      }
      addSmooth(sum, grid, cells);
    }
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float value : sum) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    byte[] tile = new byte[sum.length];
    for (int i = 0; i < tile.length; i++) {
      tile[i] = (byte) (255 * (sum[i] - least) / (most - least));
    }
    return tile;
  }

  private static void addSmooth(float[] sum, float[] grid, int cells) {
    int step = SIDE / cells;
    for (int y = 0; y < SIDE; y++) {
      int row = y / step;
      float v = smooth((float) (y % step) / step);
      for (int x = 0; x < SIDE; x++) {
        int column = x / step;
        float u = smooth((float) (x % step) / step);
        int right = (column + 1) % cells;
        int below = (row + 1) % cells * cells;
        float top = grid[row * cells + column] * (1 - u) + grid[row * cells + right] * u;
        float bottom = grid[below + column] * (1 - u) + grid[below + right] * u;
        sum[y * SIDE + x] += top * (1 - v) + bottom * v;
      }
    }
  }

  private static float smooth(float t) {
    return t * t * (3 - 2 * t);
  }
}
