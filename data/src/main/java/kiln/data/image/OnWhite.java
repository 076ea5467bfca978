package kiln.data.image;

import java.awt.image.BufferedImage;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Lays a decoded picture on white and finds the part that shows something. */
final class OnWhite {
  /** What differs from white, or from transparent, by no more than this (of 255) counts as empty. */
  private static final int EMPTY = 8;

  private OnWhite() {}

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

  /**
   * The part of a picture that is not transparent or, if nothing at its edges is, that is not white; empty if it is white all
   * over.
   */
  static Optional<RgbImage> trimmed(BufferedImage image) {
    PixelRows rows = PixelRows.of(image);
    Box opaque = new Box();
    Box coloured = new Box();
    RgbImage whole = RgbImage.white(rows.height, rows.width);
    byte[] rgba = new byte[4 * rows.width];
    for (int y = 0; y < rows.height; y++) {
      rows.read(y, rgba);
      int at = 3 * y * rows.width;
      compose(rgba, whole.rgb(), at, rows.width);
      for (int x = 0; x < rows.width; x++, at += 3) {
        if ((rgba[4 * x + 3] & 255) > EMPTY) {
          opaque.add(y, x);
        }
        int least = Math.min(whole.rgb()[at] & 255, Math.min(whole.rgb()[at + 1] & 255, whole.rgb()[at + 2] & 255));
        if (least < 255 - EMPTY) {
          coloured.add(y, x);
        }
      }
    }
    if (coloured.bottom < 0) {
      return Optional.empty();
    }
    Box box = opaque.isWhole(rows.height, rows.width) ? coloured : opaque;
    return Optional.of(whole.crop(box.top, box.left, box.bottom - box.top + 1, box.right - box.left + 1));
  }

  /** All of a picture. */
  static NativePixels whole(BufferedImage image) {
    PixelRows rows = PixelRows.of(image);
    MemorySegment rgb = Scratch.get(Scratch.Use.PIXELS, 3L * rows.height * rows.width);
    byte[] rgba = new byte[4 * rows.width];
    byte[] row = new byte[3 * rows.width];
    for (int y = 0; y < rows.height; y++) {
      rows.read(y, rgba);
      compose(rgba, row, 0, rows.width);
      MemorySegment.copy(MemorySegment.ofArray(row), 0, rgb, (long) row.length * y, row.length);
    }
    return new NativePixels(rows.height, rows.width, rgb);
  }

  /** rgba [width, 4] to rgb [width, 3] from {@code at} on. */
  static void compose(byte[] rgba, byte[] rgb, int at, int width) {
    int out = at;
    for (int in = 0; in < 4 * width; in += 4, out += 3) {
      int alpha = rgba[in + 3] & 255;
      if (alpha == 255) {
        rgb[out] = rgba[in];
        rgb[out + 1] = rgba[in + 1];
        rgb[out + 2] = rgba[in + 2];
      } else {
        rgb[out] = over(alpha, rgba[in] & 255);
        rgb[out + 1] = over(alpha, rgba[in + 1] & 255);
        rgb[out + 2] = over(alpha, rgba[in + 2] & 255);
      }
    }
  }

  private static byte over(int alpha, int value) {
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}
