package kiln.data.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import kiln.bindings.NativeException;
import kiln.bindings.TurboJpeg;

/** JPEG by libjpeg-turbo. */
final class TurboJpegDecoder implements PixelDecoder {
  private final byte[] file;
  private final TurboJpeg.Header header;

  private TurboJpegDecoder(byte[] file, TurboJpeg.Header header) {
    this.file = file;
    this.header = header;
  }

  /** Empty if the library is not there or does not know this kind of JPEG, which another decoder may. */
  static Optional<PixelDecoder> of(byte[] file) {
    if (!TurboJpeg.isAvailable()) {
      return Optional.empty();
    }
    try (TurboJpeg jpeg = TurboJpeg.open()) {
      return Optional.of(new TurboJpegDecoder(file, jpeg.header(Scratch.copy(Scratch.Use.FILE, file))));
    } catch (NativeException _) {
      return Optional.empty();
    }
  }

  @Override
  public int height() {
    return header.height();
  }

  @Override
  public int width() {
    return header.width();
  }

  /** Pixels, and of progressive files all coefficients, two bytes each. */
  @Override
  public int bytesPerPixel() {
    return header.cmyk() ? 16 : 9;
  }

  @Override
  public boolean shrinks() {
    return true;
  }

  @Override
  public NativePixels decode(int shrink) throws IOException {
    int height = (header.height() + shrink - 1) / shrink;
    int width = (header.width() + shrink - 1) / shrink;
    long pixels = (long) height * width;
    MemorySegment rgb = Scratch.get(Scratch.Use.PIXELS, 3 * pixels);
    MemorySegment target = header.cmyk() ? Scratch.get(Scratch.Use.PLANES, 4 * pixels) : rgb;
    try (TurboJpeg jpeg = TurboJpeg.open()) {
      Optional<String> warning =
          jpeg.decode(Scratch.copy(Scratch.Use.FILE, file), target, height, width, header.cmyk());
      if (warning.filter(JpegWarnings::isDamage).isPresent()) {
        throw new IOException(warning.get());
      }
    } catch (NativeException e) {
      throw new IOException(e.text(), e);
    }
    if (header.cmyk()) {
      toRgb(target, rgb, height, width);
    }
    return new NativePixels(height, width, rgb);
  }

  /** Files hold CMYK as Adobe's programs write it, 255 where there is no ink. */
  private static void toRgb(MemorySegment inks, MemorySegment rgb, int height, int width) {
    byte[] in = new byte[4 * width];
    byte[] out = new byte[3 * width];
    for (int y = 0; y < height; y++) {
      MemorySegment.copy(inks, ValueLayout.JAVA_BYTE, (long) in.length * y, in, 0, in.length);
      for (int x = 0; x < width; x++) {
        int at = 4 * x;
        Cmyk.toRgb(255 - (in[at] & 255), 255 - (in[at + 1] & 255), 255 - (in[at + 2] & 255), 255 - (in[at + 3] & 255), out, 3 * x);
      }
      MemorySegment.copy(out, 0, rgb, ValueLayout.JAVA_BYTE, (long) out.length * y, out.length);
    }
  }
}
