package kiln.launcher.generate;

import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.data.image.Pictures;
import kiln.data.image.RgbImage;
import kiln.data.source.UnusableException;
import kiln.model.diffusion.ImageRange;
import kiln.model.pipeline.StartImage;

/**
 * The picture that drawings start from, as users give it.
 *
 * @param image its file
 * @param mask a picture of the same size: what is white is repainted, what is black stays; null to change everything
 * @param strength share of the steps that are walked
 */
public record StartPicture(Path image, Path mask, double strength) {
  private static final int WHITE = 128;

  /**
   * @param multiple what height and width must be multiples of
   * @throws UserException if a file is none, the picture has a size that the networks cannot have, or the mask another one
   */
  Canvas read(int multiple) {
    RgbImage picture = read("--init-image", image);
    if (picture.height() % multiple != 0 || picture.width() % multiple != 0) {
      throw new UserException(
          "option --init-image: " + image + ": expected height and width to be multiples of " + multiple + " pixels, found "
              + size(picture));
    }
    float[] values = new float[picture.rgb().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ImageRange.fromPixel(picture.rgb()[i]);
    }
    StartImage start = new StartImage(values, mask == null ? null : repaint(picture), strength);
    return new Canvas(picture.height(), picture.width(), start);
  }

  private boolean[] repaint(RgbImage picture) {
    RgbImage white = read("--mask", mask);
    if (white.height() != picture.height() || white.width() != picture.width()) {
      throw new UserException(
          "option --mask: " + mask + ": expected " + size(picture) + " pixels as --init-image has, found " + size(white));
    }
    byte[] rgb = white.rgb();
    boolean[] repaint = new boolean[rgb.length / 3];
    for (int i = 0; i < repaint.length; i++) {
      int sum = (rgb[3 * i] & 255) + (rgb[3 * i + 1] & 255) + (rgb[3 * i + 2] & 255);
      repaint[i] = sum >= 3 * WHITE;
    }
    return repaint;
  }

  private static RgbImage read(String option, Path file) {
    try {
      return Pictures.readWhole(file);
    } catch (UnusableException e) {
      throw new UserException("option " + option + ": " + e.getMessage(), e);
    }
  }

  private static String size(RgbImage picture) {
    return picture.height() + "x" + picture.width();
  }
}
