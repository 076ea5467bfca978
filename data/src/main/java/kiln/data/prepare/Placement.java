package kiln.data.prepare;

import java.util.random.RandomGenerator;
import kiln.data.BucketTable;
import kiln.data.image.PictureFile;
import kiln.data.image.Region;
import kiln.data.image.RgbImage;
import kiln.data.source.UnusableException;

/**
 * Which part of a picture goes where in its bucket.
 *
 * @param source of the picture
 * @param top first row of the bucket that it fills
 * @param left first column
 * @param height rows that it fills
 * @param width columns that it fills
 */
record Placement(Region source, int top, int left, int height, int width) {
  /**
   * Of a picture of {@code height} times {@code width} pixels. Cropping is what Pillow's {@code ImageOps.fit} does: the part that
   * is kept has exactly the bucket's aspect ratio, its edges may lie between pixels.
   *
   * @param random of random crops
   */
  static Placement of(PreparationOptions options, int height, int width, BucketTable.Size size, RandomGenerator random) {
    Region whole = Region.whole(height, width);
    return switch (options.fit()) {
      case CROP -> new Placement(cropped(options, height, width, size, random), 0, 0, size.height(), size.width());
      case PAD -> {
        double scale = Math.min((double) size.height() / height, (double) size.width() / width);
        int rows = Math.clamp(Math.round(height * scale), 1, size.height());
        int columns = Math.clamp(Math.round(width * scale), 1, size.width());
        yield new Placement(whole, (size.height() - rows) / 2, (size.width() - columns) / 2, rows, columns);
      }
      case SQUASH -> new Placement(whole, 0, 0, size.height(), size.width());
    };
  }

  private static Region cropped(
      PreparationOptions options, int height, int width, BucketTable.Size size, RandomGenerator random) {
    double scale = Math.max((double) size.height() / height, (double) size.width() / width);
    double rows = Math.min(height, size.height() / scale);
    double columns = Math.min(width, size.width() / scale);
    double place =
        switch (options.cropPlace()) {
          case CENTER -> 0.5;
          case RANDOM -> random.nextDouble();
        };
    double top = (height - rows) * place;
    double left = (width - columns) * place; // one of the two has no choice
    return new Region(top, left, Math.min(height, top + rows), Math.min(width, left + columns));
  }

  /**
   * The picture in its bucket.
   *
   * @throws UnusableException if it does not decode
   */
  RgbImage draw(PictureFile picture, BucketTable.Size size, boolean mayShrink) throws UnusableException {
    RgbImage part = picture.resized(source, height, width, mayShrink);
    if (height == size.height() && width == size.width()) {
      return part;
    }
    RgbImage framed = RgbImage.white(size.height(), size.width());
    framed.paste(part, top, left);
    return framed;
  }
}
