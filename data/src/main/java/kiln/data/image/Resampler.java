package kiln.data.image;

import java.util.Arrays;

/**
 * Lanczos resampling, on the sRGB values as they are, across and then down, with uint8 in between: what Pillow's {@code
 * Image.resize(size, LANCZOS, box)} gives. Plain, the reference of {@link NativeResampler}.
 */
final class Resampler {
  private Resampler() {}

  static RgbImage resize(RgbImage image, int height, int width) {
    return resize(image, Region.whole(image.height(), image.width()), height, width);
  }

  static RgbImage resize(RgbImage image, Region region, int height, int width) {
    ResampleWeights columns = new ResampleWeights(image.width(), region.left(), region.right(), width);
    ResampleWeights rows = new ResampleWeights(image.height(), region.top(), region.bottom(), height);
    RgbImage wide = columns.isIdentity() ? image : horizontal(image, columns);
    return rows.isIdentity() ? wide : vertical(wide, rows);
  }

  private static RgbImage horizontal(RgbImage image, ResampleWeights to) {
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
        for (int k = 0; k < to.count[x]; k++) {
          float weight = to.weights[x * to.taps + k];
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

  private static RgbImage vertical(RgbImage image, ResampleWeights to) {
    int height = to.first.length;
    int stride = 3 * image.width();
    byte[] in = image.rgb();
    byte[] out = new byte[Math.multiplyExact(stride, height)];
    float[] row = new float[stride];
    for (int y = 0; y < height; y++) {
      Arrays.fill(row, 0);
      int at = stride * to.first[y];
      for (int k = 0; k < to.count[y]; k++) {
        float weight = to.weights[y * to.taps + k];
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
