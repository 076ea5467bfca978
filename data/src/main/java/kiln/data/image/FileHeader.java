package kiln.data.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What is read of a picture file beside its pixels: how it is oriented, whether it has several frames, and how many colours a
 * JPEG pixel has. Reads the container only and never beyond its end; what is damaged is as if it were not there.
 *
 * @param orientation of JPEG (APP1), PNG (eXIf), WebP (EXIF) and TIFF
 * @param animated whether a GIF, WebP or PNG has more than one frame, or a TIFF more than one page
 * @param jpegColours of a JPEG: 1 grey, 3 colour, 4 CMYK; 0 of others
 * @param whole whether the file is as long as it says, or ends as it should, where that can be seen: decoders fill what is missing
 *     with grey and say nothing
 */
record FileHeader(Orientation orientation, boolean animated, int jpegColours, boolean whole) {
  private static final ValueLayout.OfShort BIG_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt LITTLE_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int TAG_ORIENTATION = 0x112;
  private static final int TYPE_SHORT = 3;

  static FileHeader of(PictureFormat format, byte[] file) {
    MemorySegment bytes = MemorySegment.ofArray(file);
    try {
      return switch (format) {
        case JPEG -> jpeg(bytes);
        case PNG -> png(bytes);
        case WEBP -> webp(bytes);
        case TIFF -> new FileHeader(orientation(bytes), pages(bytes) > 1, 0, true);
        case GIF -> new FileHeader(Orientation.UPRIGHT, gifFrames(bytes) > 1, 0, true);
        case BMP -> new FileHeader(Orientation.UPRIGHT, false, 0, true);
      };
    } catch (IndexOutOfBoundsException _) { // what it points to lies outside: decoding will tell
      return new FileHeader(Orientation.UPRIGHT, false, 0, true);
    }
  }

  /** Markers up to the first scan. */
  private static FileHeader jpeg(MemorySegment file) {
    Orientation orientation = Orientation.UPRIGHT;
    int colours = 0;
    long at = 2;
    while (at + 4 <= file.byteSize() && u8(file, at) == 0xff) {
      int marker = u8(file, at + 1);
      if (marker == 0xff) { // fill
        at++;
        continue;
      }
      if (marker == 0xda || marker == 0xd9) {
        break;
      }
      int length = u16(file, at + 2);
      if (marker == 0xe1 && length >= 8 && word(file, at + 4) == 0x45786966) { // Exif
        orientation = orientation(part(file, at + 10, length - 8));
      } else if (isFrame(marker)) {
        colours = u8(file, at + 9);
      }
      at += 2 + length;
    }
    return new FileHeader(orientation, false, colours, hasEnd(file, at));
  }

  /** Whether there is an EOI marker behind the first scan's start; what follows it does no harm. */
  private static boolean hasEnd(MemorySegment file, long scan) {
    for (long at = file.byteSize() - 2; at >= scan; at--) {
      if (u8(file, at) == 0xff && u8(file, at + 1) == 0xd9) {
        return true;
      }
    }
    return false;
  }

  /** SOF0 to SOF15, without DHT, JPG and DAC, which lie between. */
  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static FileHeader png(MemorySegment file) {
    Orientation orientation = Orientation.UPRIGHT;
    boolean animated = false;
    long at = 8;
    while (at + 8 <= file.byteSize()) {
      long length = word(file, at) & 0xffffffffL;
      int type = word(file, at + 4);
      if (type == 0x65584966) { // eXIf
        orientation = orientation(part(file, at + 8, length));
      } else if (type == 0x6163544c) { // acTL, followed by the number of frames
        animated = word(file, at + 8) > 1;
      }
      at += 12 + length;
    }
    return new FileHeader(orientation, animated, 0, true);
  }

  private static FileHeader webp(MemorySegment file) {
    Orientation orientation = Orientation.UPRIGHT;
    int frames = 0;
    long at = 12;
    while (at + 8 <= file.byteSize()) {
      int type = word(file, at);
      long length = file.get(LITTLE_INT, at + 4) & 0xffffffffL;
      if (type == 0x45584946) { // EXIF
        orientation = orientation(part(file, at + 8, length));
      } else if (type == 0x414e4d46) { // ANMF
        frames++;
      }
      at += 8 + length + (length & 1);
    }
    long declared = 8 + (file.get(LITTLE_INT, 4) & 0xffffffffL);
    return new FileHeader(orientation, frames > 1, 0, file.byteSize() >= declared);
  }

  /** Image descriptors, each followed by blocks that begin with their length. */
  private static int gifFrames(MemorySegment file) {
    int frames = 0;
    long at = 13 + colourTable(u8(file, 10));
    while (at < file.byteSize() && u8(file, at) != 0x3b) {
      int introducer = u8(file, at);
      if (introducer == 0x2c) {
        frames++;
        at += 11 + colourTable(u8(file, at + 9));
      } else if (introducer == 0x21) {
        at += 2;
      } else {
        break;
      }
      while (u8(file, at) != 0) {
        at += 1 + u8(file, at);
      }
      at++;
    }
    return frames;
  }

  private static long colourTable(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3L << ((flags & 7) + 1);
  }

  /** Of the first directory of a TIFF structure, which Exif is too. */
  private static Orientation orientation(MemorySegment tiff) {
    try {
      ByteOrder order = u16(tiff, 0) == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
      long directory = u32(tiff, 4, order);
      int entries = u16(tiff, directory, order);
      for (int i = 0; i < entries; i++) {
        long entry = directory + 2 + 12L * i;
        if (u16(tiff, entry, order) == TAG_ORIENTATION && u16(tiff, entry + 2, order) == TYPE_SHORT) {
          return Orientation.of(u16(tiff, entry + 8, order));
        }
      }
    } catch (IndexOutOfBoundsException _) { // damaged: as if it were not there
      return Orientation.UPRIGHT;
    }
    return Orientation.UPRIGHT;
  }

  /** Directories of a TIFF file, counted up to two. */
  private static int pages(MemorySegment tiff) {
    ByteOrder order = u16(tiff, 0) == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    long directory = u32(tiff, 4, order);
    long next = directory + 2 + 12L * u16(tiff, directory, order);
    return u32(tiff, next, order) == 0 ? 1 : 2;
  }

  private static MemorySegment part(MemorySegment file, long at, long length) {
    return file.asSlice(at, Math.min(length, file.byteSize() - at));
  }

  private static int u8(MemorySegment bytes, long at) {
    return bytes.get(ValueLayout.JAVA_BYTE, at) & 255;
  }

  private static int u16(MemorySegment bytes, long at) {
    return bytes.get(BIG_SHORT, at) & 0xffff;
  }

  private static int u16(MemorySegment bytes, long at, ByteOrder order) {
    return bytes.get(BIG_SHORT.withOrder(order), at) & 0xffff;
  }

  private static long u32(MemorySegment bytes, long at, ByteOrder order) {
    return bytes.get(BIG_INT.withOrder(order), at) & 0xffffffffL;
  }

  private static int word(MemorySegment bytes, long at) {
    return bytes.get(BIG_INT, at);
  }
}
