package kiln.data.scenes;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;

/** Darkens a picture where the blurred shadow of a shape falls. */
final class Shadows {
  private Shadows() {}

  static void cast(int[] rgb, int width, int height, Shape shape, SceneStyle.Shadow shadow) {
    Rectangle2D bounds = shape.getBounds2D();
    int reach = 2 * shadow.blur() + 1;
    int left = Math.clamp((long) Math.floor(bounds.getMinX() + shadow.dx()) - reach, 0, width);
    int top = Math.clamp((long) Math.floor(bounds.getMinY() + shadow.dy()) - reach, 0, height);
    int right = Math.clamp((long) Math.ceil(bounds.getMaxX() + shadow.dx()) + reach, 0, width);
    int bottom = Math.clamp((long) Math.ceil(bounds.getMaxY() + shadow.dy()) + reach, 0, height);
    int w = right - left;
    int h = bottom - top;
    if (w < 1 || h < 1) {
      return;
    }
    byte[] mask = mask(shape, shadow.dx() - left, shadow.dy() - top, w, h);
    for (int pass = 0; pass < 2 && shadow.blur() > 0; pass++) {
      byte[] rows = new byte[mask.length];
      for (int y = 0; y < h; y++) {
        average(mask, rows, y * w, 1, w, shadow.blur());
      }
      for (int x = 0; x < w; x++) {
        average(rows, mask, x, w, h, shadow.blur());
      }
    }
    int strength = (int) Math.round(255 * shadow.strength());
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int covered = (mask[y * w + x] & 255) * strength / 255;
        if (covered > 0) {
          int at = (top + y) * width + left + x;
          rgb[at] = Ground.mix(rgb[at], 0, covered);
        }
      }
    }
  }

  private static byte[] mask(Shape shape, double dx, double dy, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.translate(dx, dy);
    graphics.fill(shape);
    graphics.dispose();
    return ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
  }

  /** A running mean over 2 radius + 1 values of a row or column; beyond its ends is nothing. */
  private static void average(byte[] from, byte[] to, int start, int step, int count, int radius) {
    int size = 2 * radius + 1;
    int sum = 0;
    for (int i = 0; i < Math.min(radius, count); i++) {
      sum += from[start + i * step] & 255;
    }
    for (int i = 0; i < count; i++) {
      if (i + radius < count) {
        sum += from[start + (i + radius) * step] & 255;
      }
      if (i - radius > 0) {
        sum -= from[start + (i - radius - 1) * step] & 255;
      }
      to[start + i * step] = (byte) (sum / size);
    }
  }
}
