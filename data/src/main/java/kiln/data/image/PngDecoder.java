package kiln.data.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import kiln.bindings.PictureKernels;

/**
 * The PNG files that most are: 8 bits per value, not interlaced, grey or colour, with or without opacity, or with a palette (PNG
 * specification, third edition). Several times as fast as Image I/O's reader, which reads the others.
 */
final class PngDecoder implements PixelDecoder {
  private static final int IHDR = 0x49484452;
  private static final int PLTE = 0x504c5445;
  private static final int TRNS = 0x74524e53;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454e44;
  private static final int SIGNATURE = 8;

  private final byte[] file;
  private final int height;
  private final int width;
  private final Kind kind;
  private final List<Part> data;
  private final byte[] palette; // rgba of 256 colours

  /** Colour types, in the order of their numbers; of those that there are not, 1 and 5, there is no instance. */
  private enum Kind {
    GREY(0, 1),
    COLOUR(2, 3),
    PALETTE(3, 1),
    GREY_ALPHA(4, 2),
    COLOUR_ALPHA(6, 4);

    private final int number;
    private final int channels;

    Kind(int number, int channels) {
      this.number = number;
      this.channels = channels;
    }

    static Optional<Kind> of(int number) {
      for (Kind kind : values()) {
        if (kind.number == number) {
          return Optional.of(kind);
        }
      }
      return Optional.empty();
    }
  }

  /** Bytes of the file. */
  private record Part(int at, int length) {}

  private PngDecoder(byte[] file, int height, int width, Kind kind, List<Part> data, byte[] palette) {
    this.file = file;
    this.height = height;
    this.width = width;
    this.kind = kind;
    this.data = data;
    this.palette = palette;
  }

  /**
   * Empty if it is of another kind, or has not the form of a PNG, of which another reader will tell.
   *
   * @throws IOException if a part's check sum is wrong
   */
  static Optional<PixelDecoder> of(byte[] file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    Optional<Kind> kind = Optional.empty();
    List<Part> data = new ArrayList<>();
    byte[] palette = opaque();
    boolean hasPalette = false;
    int at = SIGNATURE;
    while (at + 12 <= file.length) {
      int length = bytes.getInt(at);
      int type = bytes.getInt(at + 4);
      if (length < 0 || length > file.length - at - 12) {
        return Optional.empty();
      }
      Part part = new Part(at + 8, length);
      if (type == IHDR && length == 13 && at == SIGNATURE) {
        boolean plain = file[at + 16] == 8 && file[at + 18] == 0 && file[at + 19] == 0 && file[at + 20] == 0;
        kind = plain ? Kind.of(file[at + 17]) : Optional.empty();
      } else if (type == PLTE) {
        hasPalette = true;
        setColours(palette, file, part);
      } else if (type == TRNS && kind.filter(Kind.PALETTE::equals).isPresent()) {
        setOpacity(palette, file, part);
      } else if (type == TRNS) {
        return Optional.empty(); // one colour is transparent
      } else if (type == IDAT) {
        data.add(part);
      }
      if (kind.isEmpty()) {
        return Optional.empty();
      }
      if ((file[at + 4] & 0x20) == 0) { // a capital letter: the part matters
        check(bytes, part);
      }
      if (type == IEND) {
        return kind.get() == Kind.PALETTE && !hasPalette
            ? Optional.empty()
            : Optional.of(new PngDecoder(file, bytes.getInt(20), bytes.getInt(16), kind.get(), data, palette));
      }
      at += 12 + length;
    }
    return Optional.empty();
  }

  private static void check(ByteBuffer bytes, Part part) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes.array(), part.at() - 4, part.length() + 4);
    if (bytes.getInt(part.at() + part.length()) != (int) crc.getValue()) {
      throw new IOException("the check sum of the part at byte " + (part.at() - 8) + " is wrong");
    }
  }

  private static byte[] opaque() {
    byte[] palette = new byte[4 * 256];
    for (int i = 3; i < palette.length; i += 4) {
      palette[i] = (byte) 255;
    }
    return palette;
  }

  private static void setColours(byte[] palette, byte[] file, Part part) {
    for (int i = 0; i < Math.min(256, part.length() / 3); i++) {
      System.arraycopy(file, part.at() + 3 * i, palette, 4 * i, 3);
    }
  }

  private static void setOpacity(byte[] palette, byte[] file, Part part) {
    for (int i = 0; i < Math.min(256, part.length()); i++) {
      palette[4 * i + 3] = file[part.at() + i];
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

  /** Filtered, not filtered, and as red, green and blue. */
  @Override
  public int bytesPerPixel() {
    return 2 * kind.channels + 4;
  }

  @Override
  public NativePixels decode(int shrink) throws IOException {
    long stride = (long) kind.channels * width;
    MemorySegment filtered = Scratch.get(Scratch.Use.PLANES, (stride + 1) * height);
    inflate(filtered.asByteBuffer());
    MemorySegment rgb = Scratch.get(Scratch.Use.PIXELS, 3L * width * height);
    boolean direct = kind == Kind.COLOUR;
    MemorySegment values = direct ? rgb : Scratch.get(Scratch.Use.RESIZE, stride * height);
    MemorySegment zeros = Scratch.get(Scratch.Use.TABLES, stride).fill((byte) 0);
    if (PictureKernels.pngUnfilter(filtered, values, zeros, height, stride, kind.channels) == 0) {
      throw new IOException("a row has a filter that there is not");
    }
    if (!direct) {
      convert(values, rgb);
    }
    return new NativePixels(height, width, rgb);
  }

  private void inflate(ByteBuffer out) throws IOException {
    Inflater inflater = new Inflater();
    try {
      for (Part part : data) {
        inflater.setInput(file, part.at(), part.length());
        while (out.hasRemaining() && !inflater.finished() && !inflater.needsInput()) {
          if (inflater.inflate(out) == 0 && inflater.needsDictionary()) {
            throw new IOException("the pixels need a dictionary");
          }
        }
      }
    } catch (DataFormatException e) {
      throw new IOException("the pixels do not inflate: " + e.getMessage(), e);
    } finally {
      inflater.end();
    }
    if (out.hasRemaining()) {
      throw new IOException(out.remaining() + " bytes of pixels are missing");
    }
  }

  private void convert(MemorySegment values, MemorySegment rgb) {
    byte[] in = new byte[kind.channels * width];
    byte[] rgba = new byte[4 * width];
    byte[] out = new byte[3 * width];
    for (int y = 0; y < height; y++) {
      MemorySegment.copy(values, ValueLayout.JAVA_BYTE, (long) in.length * y, in, 0, in.length);
      byte[] row = kind == Kind.COLOUR_ALPHA ? in : rgba;
      for (int x = 0; row == rgba && x < width; x++) {
        if (kind == Kind.PALETTE) {
          System.arraycopy(palette, 4 * (in[x] & 255), rgba, 4 * x, 4);
        } else {
          byte grey = in[kind.channels * x];
          rgba[4 * x] = rgba[4 * x + 1] = rgba[4 * x + 2] = grey;
          rgba[4 * x + 3] = kind == Kind.GREY_ALPHA ? in[2 * x + 1] : (byte) 255;
        }
      }
      OnWhite.compose(row, out, 0, width);
      MemorySegment.copy(out, 0, rgb, ValueLayout.JAVA_BYTE, (long) out.length * y, out.length);
    }
  }
}
