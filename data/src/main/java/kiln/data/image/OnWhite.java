package kiln.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.Raster;
import java.util.Optional;

/** Lays a decoded picture on white and finds the part that shows something. */
final class OnWhite {
  /** What differs from white, or from transparent, by no more than this (of 255) counts as empty. */
  private static final int EMPTY = 8;

  private final int height;
  private final int width;
  private final byte[] rgb;
  private final Box opaque = new Box();
  private final Box coloured = new Box();

  /** Grows around the points it is given. */
  private static final class Box {
    private int top = Integer.MAX_VALUE;
    private int left = Integer.MAX_VALUE;
    private int bottom = -1;
    private int right = -1;

    void add(int y, int x) {
      top = Math.min(top, y);
      left = Math.min(left, x);
      bottom = Math.max(bottom, y);
      right = Math.max(right, x);
    }

    boolean isWhole(int height, int width) {
      return top == 0 && left == 0 && bottom == height - 1 && right == width - 1;
    }
  }

  private OnWhite(int height, int width) {
    this.height = height;
    this.width = width;
    rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(height, width))];
  }

  /**
   * The part of a picture that is not transparent or, if nothing at its edges is, that is not white; empty if it is white all
   * over.
   */
  static Optional<RgbImage> trimmed(BufferedImage image) {
    return composed(image).trimmed();
  }

  /** All of a picture. */
  static RgbImage whole(BufferedImage image) {
    OnWhite white = composed(image);
    return new RgbImage(white.height, white.width, white.rgb);
  }

  private static OnWhite composed(BufferedImage image) {
    OnWhite white = new OnWhite(image.getHeight(), image.getWidth());
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      white.composeGray(image.getRaster(), image.getColorModel());
    } else {
      white.compose(image);
    }
    return white;
  }

  private Optional<RgbImage> trimmed() {
    if (coloured.bottom < 0) {
      return Optional.empty();
    }
    Box box = opaque.isWhole(height, width) ? coloured : opaque;
    RgbImage whole = new RgbImage(height, width, rgb);
    return Optional.of(whole.crop(box.top, box.left, box.bottom - box.top + 1, box.right - box.left + 1));
  }

  private void compose(BufferedImage image) {
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int argb = row[x];
        put(y, x, argb >>> 24, argb >> 16 & 255, argb >> 8 & 255, argb & 255);
      }
    }
  }

  /**
   * Grey values are taken as they are, as everyone stores them; Java's own conversion takes them for linear light and would
   * brighten them.
   */
  private void composeGray(Raster raster, ColorModel colours) {
    int[] row = new int[width * raster.getNumBands()];
    int bands = raster.getNumBands();
    int grayMax = (1 << colours.getComponentSize(0)) - 1;
    int alphaMax = colours.hasAlpha() ? (1 << colours.getComponentSize(1)) - 1 : 1;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int gray = row[x * bands] * 255 / grayMax;
        int alpha = colours.hasAlpha() ? row[x * bands + 1] * 255 / alphaMax : 255;
        put(y, x, alpha, gray, gray, gray);
      }
    }
  }

  private void put(int y, int x, int alpha, int red, int green, int blue) {
    int at = 3 * (y * width + x);
    int r = over(alpha, red);
    int g = over(alpha, green);
    int b = over(alpha, blue);
    rgb[at] = (byte) r;
    rgb[at + 1] = (byte) g;
    rgb[at + 2] = (byte) b;
    if (alpha > EMPTY) {
      opaque.add(y, x);
    }
    if (Math.min(r, Math.min(g, b)) < 255 - EMPTY) {
      coloured.add(y, x);
    }
  }

  private static int over(int alpha, int value) {
    return (value * alpha + 255 * (255 - alpha) + 127) / 255;
  }
}
