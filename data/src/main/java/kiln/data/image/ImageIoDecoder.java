package kiln.data.image;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.ImageInputStream;

/** Any format, by the readers of Java's Image I/O: the JDK's own, and TwelveMonkeys' for JPEG and WebP. */
final class ImageIoDecoder implements PixelDecoder {
  private static final int CMYK = 4;

  private final byte[] file;
  private final PictureFormat format;
  private final boolean cmyk;
  private final int height;
  private final int width;
  private final long tilePixels;

  /**
   * @param jpegColours as in {@link FileHeader}
   * @throws IOException if the header does not decode
   */
  ImageIoDecoder(byte[] file, PictureFormat format, int jpegColours) throws IOException {
    this.file = file;
    this.format = format;
    cmyk = format == PictureFormat.JPEG && jpegColours == CMYK;
    try (Reading reading = new Reading()) {
      height = reading.reader.getHeight(0);
      width = reading.reader.getWidth(0);
      tilePixels = format == PictureFormat.TIFF ? (long) reading.reader.getTileHeight(0) * reading.reader.getTileWidth(0) : 0;
    }
  }

  /** A reader that is open on the file. */
  private final class Reading implements AutoCloseable {
    private final ImageReader reader;
    private final ImageInputStream stream;

    Reading() throws IOException {
      Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.name().toLowerCase(Locale.ROOT));
      if (!readers.hasNext()) {
        throw new IIOException("no reader of " + format + " here");
      }
      reader = readers.next();
      stream = new ByteArrayImageInputStream(file);
      reader.setInput(stream, true, true);
    }

    @Override
    public void close() throws IOException {
      reader.dispose();
      stream.close();
    }
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  /** Pixels of a tile, which a file may make larger than the picture. */
  long tilePixels() {
    return tilePixels;
  }

  /** Up to four values of two bytes, and the pixels that they become. */
  @Override
  public int bytesPerPixel() {
    return 11;
  }

  @Override
  public NativePixels decode(int shrink) throws IOException {
    return OnWhite.whole(image());
  }

  /** With what opacity it has. */
  BufferedImage image() throws IOException {
    try (Reading reading = new Reading()) {
      Damage damage = new Damage();
      reading.reader.addIIOReadWarningListener(damage);
      BufferedImage image = cmyk ? InkImage.of(reading.reader.readRaster(0, null)) : reading.reader.read(0);
      if (damage.found.isPresent()) {
        throw new IIOException(damage.found.get());
      }
      return image;
    }
  }

  /** Keeps the first warning that means missing pixels. */
  private static final class Damage implements IIOReadWarningListener {
    private Optional<String> found = Optional.empty();

    @Override
    public void warningOccurred(ImageReader source, String warning) {
      if (found.isEmpty() && JpegWarnings.isDamage(warning)) {
        found = Optional.of(warning);
      }
    }
  }

  /** CMYK as JPEG files hold it, 255 where there is no ink, as RGB. */
  private static final class InkImage {
    private InkImage() {}

    static BufferedImage of(Raster inks) {
      int height = inks.getHeight();
      int width = inks.getWidth();
      BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      int[] in = new int[4 * width];
      byte[] pixel = new byte[3];
      for (int y = 0; y < height; y++) {
        inks.getPixels(inks.getMinX(), inks.getMinY() + y, width, 1, in);
        for (int x = 0; x < width; x++) {
          int at = 4 * x;
          Cmyk.toRgb(255 - in[at], 255 - in[at + 1], 255 - in[at + 2], 255 - in[at + 3], pixel, 0);
          image.setRGB(x, y, (pixel[0] & 255) << 16 | (pixel[1] & 255) << 8 | pixel[2] & 255);
        }
      }
      return image;
    }
  }
}
