package kiln.data.image;

/**
 * How a camera held the picture that it stored: the tag Orientation of Exif 2.32, section 4.6.4.A.
 *
 * @param transposed whether rows are shown as columns
 * @param rowsFlipped whether the stored rows are taken from the last to the first
 * @param columnsFlipped whether the stored columns are taken from the last to the first
 */
record Orientation(boolean transposed, boolean rowsFlipped, boolean columnsFlipped) {
  /** As it is stored. */
  static final Orientation UPRIGHT = new Orientation(false, false, false);

  /**
   * @param value of the tag, 1 to 8; others are as 1
   */
  static Orientation of(int value) {
    return switch (value) {
      case 2 -> new Orientation(false, false, true);
      case 3 -> new Orientation(false, true, true);
      case 4 -> new Orientation(false, true, false);
      case 5 -> new Orientation(true, false, false);
      case 6 -> new Orientation(true, true, false);
      case 7 -> new Orientation(true, true, true);
      case 8 -> new Orientation(true, false, true);
      default -> UPRIGHT;
    };
  }

  /** Where a part of the shown picture lies in the stored one of {@code height} rows and {@code width} columns. */
  Region stored(Region shown, int height, int width) {
    Region turned = transposed ? new Region(shown.left(), shown.top(), shown.right(), shown.bottom()) : shown;
    double top = rowsFlipped ? height - turned.bottom() : turned.top();
    double bottom = rowsFlipped ? height - turned.top() : turned.bottom();
    double left = columnsFlipped ? width - turned.right() : turned.left();
    double right = columnsFlipped ? width - turned.left() : turned.right();
    return new Region(Math.max(0, top), Math.max(0, left), bottom, right);
  }

  /** The picture as it is shown. */
  RgbImage shown(RgbImage stored) {
    if (equals(UPRIGHT)) {
      return stored;
    }
    int height = transposed ? stored.width() : stored.height();
    int width = transposed ? stored.height() : stored.width();
    byte[] in = stored.rgb();
    byte[] out = new byte[in.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int row = transposed ? x : y;
        int column = transposed ? y : x;
        row = rowsFlipped ? stored.height() - 1 - row : row;
        column = columnsFlipped ? stored.width() - 1 - column : column;
        int from = 3 * (row * stored.width() + column);
        int to = 3 * (y * width + x);
        out[to] = in[from];
        out[to + 1] = in[from + 1];
        out[to + 2] = in[from + 2];
      }
    }
    return new RgbImage(height, width, out);
  }
}
