package kiln.data.glyph;

import java.util.Arrays;

/**
 * How much ink each point of a picture has, 0 to 1, cut to the ink's box and brought to one size, so that place, size and
 * colours no longer matter.
 *
 * @param values float [SIDE, SIDE]
 */
public record InkMap(float[] values) {
  /** Height and width. */
  public static final int SIDE = 24;

  /** Of the strongest ink; weaker is taken for noise when the box is sought. */
  private static final float THRESHOLD = 0.35f;

  /** A picture whose strongest difference from its background is less (of 255) has no ink. */
  private static final float FAINTEST = 12;

  public InkMap {
    if (values.length != SIDE * SIDE) {
      throw new IllegalArgumentException("length=" + values.length + ": expected " + SIDE * SIDE);
    }
  }

  /**
   * Ink is the distance of a pixel's colour from that of the background, the median of the border.
   *
   * @param rgb uint8 [height, width, 3]
   */
  public static InkMap ofPicture(byte[] rgb, int height, int width) {
    if (rgb.length != 3 * height * width) {
      throw new IllegalArgumentException("length=" + rgb.length + " height=" + height + " width=" + width);
    }
    int[] ground = new int[3];
    for (int channel = 0; channel < 3; channel++) {
      ground[channel] = borderMedian(rgb, height, width, channel);
    }
    float[] ink = new float[height * width];
    float strongest = 0;
    for (int i = 0; i < ink.length; i++) {
      double sum = 0;
      for (int channel = 0; channel < 3; channel++) {
        double difference = (rgb[3 * i + channel] & 255) - ground[channel];
        sum += difference * difference;
      }
      ink[i] = (float) Math.sqrt(sum);
      strongest = Math.max(strongest, ink[i]);
    }
    if (strongest < FAINTEST) {
      return new InkMap(new float[SIDE * SIDE]);
    }
    for (int i = 0; i < ink.length; i++) {
      ink[i] /= strongest;
    }
    return ofInk(ink, height, width);
  }

  /**
   * Cuts to the box of the ink and scales it, keeping the aspect ratio, into the middle of the square.
   *
   * @param ink float [height, width], 0 to 1
   */
  public static InkMap ofInk(float[] ink, int height, int width) {
    int top = height;
    int bottom = -1;
    int left = width;
    int right = -1;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (ink[y * width + x] >= THRESHOLD) {
          top = Math.min(top, y);
          bottom = Math.max(bottom, y);
          left = Math.min(left, x);
          right = Math.max(right, x);
        }
      }
    }
    float[] values = new float[SIDE * SIDE];
    if (bottom < 0) {
      return new InkMap(values);
    }
    double boxHeight = bottom - top + 1;
    double boxWidth = right - left + 1;
    double scale = SIDE / Math.max(boxHeight, boxWidth);
    double offsetY = (SIDE - boxHeight * scale) / 2;
    double offsetX = (SIDE - boxWidth * scale) / 2;
    for (int y = 0; y < SIDE; y++) {
      double fromY = top + (y - offsetY) / scale;
      for (int x = 0; x < SIDE; x++) {
        double fromX = left + (x - offsetX) / scale;
        values[y * SIDE + x] = area(ink, height, width, fromY, fromX, 1 / scale);
      }
    }
    return new InkMap(values);
  }

  /**
   * Mean of the ink over a square of the picture, which is bilinear between pixel centres where the square is smaller than one.
   */
  private static float area(float[] ink, int height, int width, double top, double left, double side) {
    int points = Math.max(2, (int) Math.ceil(2 * side));
    double sum = 0;
    for (int i = 0; i < points; i++) {
      double y = top + (i + 0.5) * side / points - 0.5;
      for (int j = 0; j < points; j++) {
        sum += bilinear(ink, height, width, y, left + (j + 0.5) * side / points - 0.5);
      }
    }
    return (float) (sum / (points * points));
  }

  private static double bilinear(float[] ink, int height, int width, double y, double x) {
    int y0 = (int) Math.floor(y);
    int x0 = (int) Math.floor(x);
    double fy = y - y0;
    double fx = x - x0;
    return (1 - fy) * ((1 - fx) * at(ink, height, width, y0, x0) + fx * at(ink, height, width, y0, x0 + 1))
        + fy * ((1 - fx) * at(ink, height, width, y0 + 1, x0) + fx * at(ink, height, width, y0 + 1, x0 + 1));
  }

  private static double at(float[] ink, int height, int width, int y, int x) {
    return y < 0 || x < 0 || y >= height || x >= width ? 0 : ink[y * width + x];
  }

  private static int borderMedian(byte[] rgb, int height, int width, int channel) {
    int[] border = new int[2 * width + 2 * height];
    int n = 0;
    for (int x = 0; x < width; x++) {
      border[n++] = rgb[3 * x + channel] & 255;
      border[n++] = rgb[3 * ((height - 1) * width + x) + channel] & 255;
    }
    for (int y = 0; y < height; y++) {
      border[n++] = rgb[3 * y * width + channel] & 255;
      border[n++] = rgb[3 * (y * width + width - 1) + channel] & 255;
    }
    Arrays.sort(border);
    return border[n / 2];
  }

  public boolean isBlank() {
    for (float value : values) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  /** Normalised correlation, -1 to 1: the cosine of the two maps after their means are taken off; 0 if one is constant. */
  public double correlation(InkMap other) {
    double meanA = mean(values);
    double meanB = mean(other.values);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < values.length; i++) {
      double a = values[i] - meanA;
      double b = other.values[i] - meanB;
      ab += a * b;
      aa += a * a;
      bb += b * b;
    }
    return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** By value, as the contents of the array are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof InkMap map && Arrays.equals(values, map.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "InkMap[" + SIDE + "x" + SIDE + " mean=" + mean(values) + "]";
  }
}
