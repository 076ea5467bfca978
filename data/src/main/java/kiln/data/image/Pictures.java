package kiln.data.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import kiln.data.source.UnusableException;

/** Picture files, decoded, laid on white, cut to what they show, and fitted into a size. */
public final class Pictures {
  private static final long LARGEST_PIXELS = 100_000_000;
  private static final int LARGEST_SIDE = 30_000;
  static final String UNDECODABLE = "image does not decode";

  private Pictures() {}

  /**
   * @param side a drawing (SVG) is rendered so that its longer side has this many pixels
   * @return what the file shows, without the empty border around it
   * @throws UnusableException naming the file and what is wrong with it
   */
  public static RgbImage read(Path file, int side) throws UnusableException {
    BufferedImage image = decoded(file, () -> isSvg(file) ? SvgRenderer.render(file, side) : decode(file));
    return OnWhite.trimmed(image).orElseThrow(() -> new UnusableException("blank image", file + ": shows nothing but white"));
  }

  /**
   * Every pixel of a picture that is stored in pixels; what is transparent is white.
   *
   * @throws UnusableException naming the file and what is wrong with it
   */
  public static RgbImage readWhole(Path file) throws UnusableException {
    return OnWhite.whole(decoded(file, () -> decode(file)));
  }

  @FunctionalInterface
  private interface Decoder {
    BufferedImage decode() throws IOException, UnusableException;
  }

  private static BufferedImage decoded(Path file, Decoder decoder) throws UnusableException {
    try {
      return decoder.decode();
    } catch (NoSuchFileException e) {
      throw new UnusableException(UNDECODABLE, file + ": no such file");
    } catch (IOException | RuntimeException e) {
      String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new UnusableException(UNDECODABLE, file + ": does not decode: " + message.lines().findFirst().orElse(""));
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
    framed.paste(
        Resampler.resize(image, fittedHeight, fittedWidth), (height - fittedHeight) / 2, (width - fittedWidth) / 2);
    return framed;
  }

  private static boolean isSvg(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".svg");
  }

  private static BufferedImage decode(Path file) throws IOException, UnusableException {
    try (InputStream in = Files.newInputStream(file);
        ImageInputStream stream = new MemoryCacheImageInputStream(in)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw new UnusableException(UNDECODABLE, file + ": does not decode: no image format known here");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, true, true);
        checkSize(file, reader.getWidth(0), reader.getHeight(0));
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    }
  }

  private static void checkSize(Path file, int width, int height) throws UnusableException {
    if (width < 1 || height < 1 || width > LARGEST_SIDE || height > LARGEST_SIDE || (long) width * height > LARGEST_PIXELS) {
      throw new UnusableException(
          "image too large", file + ": " + width + "x" + height + " pixels, at most " + LARGEST_PIXELS + " are read");
    }
  }
}
