package kiln.data.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import kiln.data.source.UnusableException;

/** Picture files on disk, decoded, laid on white, cut to what they show, and fitted into a size. */
public final class Pictures {
  static final String UNDECODABLE = "image does not decode";
  static final String TOO_LARGE = "image too large";

  private Pictures() {}

  /**
   * @param side a drawing (SVG) is rendered so that its longer side has this many pixels
   * @return what the file shows, without the empty border around it
   * @throws UnusableException naming the file and what is wrong with it
   */
  public static RgbImage read(Path file, int side) throws UnusableException {
    Optional<RgbImage> trimmed =
        isSvg(file)
            ? Decoding.guarded(file.toString(), () -> OnWhite.trimmed(SvgRenderer.render(file, side)))
            : open(file, PictureFile::openWithOpacity).trimmed();
    return trimmed.orElseThrow(() -> new UnusableException("blank image", file + ": shows nothing but white"));
  }

  /**
   * Every pixel of a picture that is stored in pixels; what is transparent is white.
   *
   * @throws UnusableException naming the file and what is wrong with it
   */
  public static RgbImage readWhole(Path file) throws UnusableException {
    return open(file, PictureFile::open).whole();
  }

  @FunctionalInterface
  private interface Opener {
    PictureFile open(byte[] file, String origin, PictureLimits limits) throws UnusableException;
  }

  private static PictureFile open(Path file, Opener opener) throws UnusableException {
    PictureLimits limits = PictureLimits.DEFAULT;
    try {
      // One byte more than allowed is enough to see that it is too many.
      byte[] bytes;
      try (var in = Files.newInputStream(file)) {
        bytes = in.readNBytes((int) limits.fileBytes() + 1);
      }
      return opener.open(bytes, file.toString(), limits);
    } catch (NoSuchFileException e) {
      throw new UnusableException(UNDECODABLE, file + ": no such file");
    } catch (IOException e) {
      throw new UnusableException(UNDECODABLE, file + ": cannot be read: " + e.getMessage());
    }
  }

  /** Scales a picture, each side by itself. */
  public static RgbImage resize(RgbImage image, int height, int width) {
    return Resampler.resize(image, height, width);
  }

  /** Scales a picture to the largest that fits, keeping its aspect ratio, in the middle of white. */
  public static RgbImage fit(RgbImage image, int height, int width) {
    double scale = Math.min((double) height / image.height(), (double) width / image.width());
    int fittedHeight = Math.clamp(Math.round(image.height() * scale), 1, height);
    int fittedWidth = Math.clamp(Math.round(image.width() * scale), 1, width);
    RgbImage framed = RgbImage.white(height, width);
    Region whole = Region.whole(image.height(), image.width());
    RgbImage fitted = NativeResampler.resize(NativePixels.of(image), whole, fittedHeight, fittedWidth).toImage();
    framed.paste(fitted, (height - fittedHeight) / 2, (width - fittedWidth) / 2);
    return framed;
  }

  private static boolean isSvg(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".svg");
  }
}
