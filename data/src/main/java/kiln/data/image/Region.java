package kiln.data.image;

/** A part of a picture in pixels, whose edges may lie between them: rows top to bottom, columns left to right. */
public record Region(double top, double left, double bottom, double right) {
  public Region {
    if (!(0 <= top && top < bottom && 0 <= left && left < right)) {
      throw new IllegalArgumentException("top=" + top + " left=" + left + " bottom=" + bottom + " right=" + right);
    }
  }

  /** All of a picture. */
  public static Region whole(int height, int width) {
    return new Region(0, 0, height, width);
  }

  public double height() {
    return bottom - top;
  }

  public double width() {
    return right - left;
  }

  /** The same part of the picture in another size; never beyond it, as rounding might. */
  Region scaled(int fromHeight, int fromWidth, int height, int width) {
    double down = (double) height / fromHeight;
    double across = (double) width / fromWidth;
    return new Region(top * down, left * across, Math.min(height, bottom * down), Math.min(width, right * across));
  }
}
