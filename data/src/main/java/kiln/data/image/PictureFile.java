package kiln.data.image;

import java.io.IOException;
import java.util.Optional;
import kiln.bindings.TurboJpeg;
import kiln.data.source.UnusableException;

/**
 * A picture file in memory of which the header has been read and the pixels have not: JPEG, PNG, GIF, WebP, TIFF or BMP. Of
 * several frames or pages it is the first. Sizes and regions are of the picture as it is shown, turned as its Exif data say.
 */
public final class PictureFile {
  /** JPEG's; with more, a single row or column would take more than it should. */
  private static final int LONGEST_SIDE = 65_535;

  private final String origin;
  private final FileHeader header;
  private final PixelDecoder decoder;

  private PictureFile(String origin, FileHeader header, PixelDecoder decoder) {
    this.origin = origin;
    this.header = header;
    this.decoder = decoder;
  }

  /**
   * Reads the header.
   *
   * @param origin names the file, for messages
   * @throws UnusableException naming {@code origin} and what is wrong with it
   */
  public static PictureFile open(byte[] file, String origin, PictureLimits limits) throws UnusableException {
    return open(file, origin, limits, true);
  }

  /** As {@link #open(byte[], String, PictureLimits)}, by a decoder that keeps opacity, which {@link #trimmed} needs. */
  static PictureFile openWithOpacity(byte[] file, String origin, PictureLimits limits) throws UnusableException {
    return open(file, origin, limits, false);
  }

  /**
   * As {@link #open(byte[], String, PictureLimits)}.
   *
   * @param fast whether decoders of the system and Kiln's own may be used, or only Image I/O's
   */
  static PictureFile open(byte[] file, String origin, PictureLimits limits, boolean fast) throws UnusableException {
    if (file.length > limits.fileBytes()) {
      throw new UnusableException(
          "image file too large", origin + ": " + file.length + " bytes, at most " + limits.fileBytes() + " are read");
    }
    Optional<PictureFormat> format = PictureFormat.of(file);
    if (format.isEmpty()) {
      throw new UnusableException(Pictures.UNDECODABLE, origin + ": does not decode: " + PictureFormat.unknown(file));
    }
    FileHeader header = FileHeader.of(format.get(), file);
    if (!header.whole()) {
      throw new UnusableException(Pictures.UNDECODABLE, origin + ": does not decode: the end of the file is missing");
    }
    PixelDecoder decoder = Decoding.guarded(origin, () -> decoder(file, format.get(), header, fast));
    check(origin, decoder, limits);
    return new PictureFile(origin, header, decoder);
  }

  private static PixelDecoder decoder(byte[] file, PictureFormat format, FileHeader header, boolean fast)
      throws IOException {
    Optional<PixelDecoder> first =
        switch (format) {
          case JPEG -> fast ? TurboJpegDecoder.of(file) : Optional.empty();
          case PNG -> fast ? PngDecoder.of(file) : Optional.empty();
          case GIF, WEBP, TIFF, BMP -> Optional.empty();
        };
    return first.isPresent() ? first.get() : new ImageIoDecoder(file, format, header.jpegColours());
  }

  private static void check(String origin, PixelDecoder decoder, PictureLimits limits) throws UnusableException {
    int height = decoder.height();
    int width = decoder.width();
    if (height < 1 || width < 1) {
      throw new UnusableException(Pictures.UNDECODABLE, origin + ": does not decode: " + height + "x" + width + " pixels");
    }
    long pixels = (long) height * width;
    if (height > LONGEST_SIDE || width > LONGEST_SIDE || pixels > limits.pixels()) {
      throw new UnusableException(
          Pictures.TOO_LARGE, origin + ": " + height + "x" + width + " pixels, at most " + limits.pixels() + " are read");
    }
    if (decoder instanceof ImageIoDecoder any && any.tilePixels() > Math.max(limits.pixels(), 1 << 20)) {
      throw new UnusableException(Pictures.TOO_LARGE, origin + ": tiles of " + any.tilePixels() + " pixels");
    }
  }

  /** What decodes JPEG files on this machine; others may differ from it in the last bit of a value. */
  public static String jpegDecoder() {
    return TurboJpeg.isAvailable() ? "libjpeg-turbo" : "Image I/O";
  }

  public int height() {
    return header.orientation().transposed() ? decoder.width() : decoder.height();
  }

  public int width() {
    return header.orientation().transposed() ? decoder.height() : decoder.width();
  }

  /** Whether there is more in the file than the first picture. */
  public boolean isAnimated() {
    return header.animated();
  }

  /**
   * A part of the picture, on white, resampled to height by width.
   *
   * @param mayShrink whether a JPEG may be decoded at a half, a quarter or an eighth of its size where that is still at least
   *     twice what is wanted
   * @throws UnusableException naming the file and what is wrong with it
   */
  public RgbImage resized(Region region, int height, int width, boolean mayShrink) throws UnusableException {
    Orientation orientation = header.orientation();
    Region stored = orientation.stored(region, decoder.height(), decoder.width());
    int rows = orientation.transposed() ? width : height;
    int columns = orientation.transposed() ? height : width;
    int shrink = mayShrink && decoder.shrinks() ? shrink(stored, rows, columns) : 1;
    return decoded(
        shrink,
        pixels -> {
          Region part = stored.scaled(decoder.height(), decoder.width(), pixels.height(), pixels.width());
          return orientation.shown(NativeResampler.resize(pixels, part, rows, columns).toImage());
        });
  }

  /** The greatest of 8, 4 and 2 that leaves twice the wanted size, else 1. */
  private static int shrink(Region stored, int rows, int columns) {
    for (int shrink = 8; shrink > 1; shrink /= 2) {
      if (stored.height() >= 2.0 * shrink * rows && stored.width() >= 2.0 * shrink * columns) {
        return shrink;
      }
    }
    return 1;
  }

  /**
   * All of the picture, on white, in its own size.
   *
   * @throws UnusableException naming the file and what is wrong with it
   */
  public RgbImage whole() throws UnusableException {
    return decoded(1, pixels -> header.orientation().shown(pixels.toImage()));
  }

  /** The part of the picture that shows something; empty if it is white all over. */
  Optional<RgbImage> trimmed() throws UnusableException {
    if (!(decoder instanceof ImageIoDecoder any)) {
      throw new IllegalStateException("opened without opacity");
    }
    try (DecodeMemory _ = memory()) {
      return Decoding.guarded(origin, () -> OnWhite.trimmed(any.image())).map(header.orientation()::shown);
    }
  }

  @FunctionalInterface
  private interface PixelUser {
    RgbImage use(NativePixels pixels);
  }

  private RgbImage decoded(int shrink, PixelUser user) throws UnusableException {
    try (DecodeMemory _ = memory()) {
      return Decoding.guarded(origin, () -> user.use(decoder.decode(shrink)));
    }
  }

  private DecodeMemory memory() throws UnusableException {
    return DecodeMemory.take((long) decoder.height() * decoder.width() * decoder.bytesPerPixel(), origin);
  }
}
