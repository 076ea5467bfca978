package kiln.data.image;

import java.util.Arrays;

/**
 * Lanczos resampling with the filter widened to the scale when shrinking, so that nothing aliases: the arithmetic of Pillow's
 * {@code Image.resize(size, LANCZOS)} (its {@code Resample.c}), on the sRGB values as they are.
 */
final class Resampler {
  private static final double LOBES = 3;

  private Resampler() {}

  static RgbImage resize(RgbImage image, int height, int width) {
    RgbImage wide = width == image.width() ? image : horizontal(image, new Weights(image.width(), width));
    return height == image.height() ? wide : vertical(wide, new Weights(image.height(), height));
  }

  /** For every output pixel the first input pixel and the weights of the following ones. */
  private static final class Weights {
    private final int[] first;
    private final float[][] weights;

    Weights(int from, int to) {
      first = new int[to];
      weights = new float[to][];
      double scale = (double) from / to;
      double stretch = Math.max(scale, 1);
      double support = LOBES * stretch;
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale;
        first[i] = Math.max(0, (int) (centre - support + 0.5));
        int end = Math.min(from, (int) (centre + support + 0.5));
        double[] raw = new double[end - first[i]];
        double sum = 0;
        for (int j = 0; j < raw.length; j++) {
          raw[j] = lanczos((first[i] + j - centre + 0.5) / stretch);
          sum += raw[j];
        }
        weights[i] = new float[raw.length];
        for (int j = 0; j < raw.length; j++) {
          weights[i][j] = (float) (raw[j] / sum);
        }
      }
    }
  }

  private static double lanczos(double x) {
    return -LOBES <= x && x < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }

  private static RgbImage horizontal(RgbImage image, Weights to) {
    int width = to.first.length;
    byte[] in = image.rgb();
    byte[] out = new byte[Math.multiplyExact(3, Math.multiplyExact(image.height(), width))];
    for (int y = 0; y < image.height(); y++) {
      int row = 3 * y * image.width();
      for (int x = 0; x < width; x++) {
        int at = row + 3 * to.first[x];
        float red = 0;
        float green = 0;
        float blue = 0;
        for (float weight : to.weights[x]) {
          red += weight * (in[at] & 255);
          green += weight * (in[at + 1] & 255);
          blue += weight * (in[at + 2] & 255);
          at += 3;
        }
        put(out, 3 * (y * width + x), red, green, blue);
      }
    }
    return new RgbImage(image.height(), width, out);
  }

  private static RgbImage vertical(RgbImage image, Weights to) {
    int height = to.first.length;
    int stride = 3 * image.width();
    byte[] in = image.rgb();
    byte[] out = new byte[Math.multiplyExact(stride, height)];
    float[] row = new float[stride];
    for (int y = 0; y < height; y++) {
      Arrays.fill(row, 0);
      int at = stride * to.first[y];
      for (float weight : to.weights[y]) {
        for (int i = 0; i < stride; i++) {
          row[i] += weight * (in[at + i] & 255);
        }
        at += stride;
      }
      for (int i = 0; i < stride; i += 3) {
        put(out, y * stride + i, row[i], row[i + 1], row[i + 2]);
      }
    }
    return new RgbImage(height, image.width(), out);
  }

  private static void put(byte[] out, int at, float red, float green, float blue) {
    out[at] = round(red);
    out[at + 1] = round(green);
    out[at + 2] = round(blue);
  }

  private static byte round(float value) {
    return (byte) Math.clamp((int) (value + 0.5f), 0, 255);
  }
}
