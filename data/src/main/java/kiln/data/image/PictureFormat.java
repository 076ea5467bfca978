package kiln.data.image;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Formats of picture files that are read here, told by their first bytes. */
enum PictureFormat {
  JPEG,
  PNG,
  GIF,
  WEBP,
  TIFF,
  BMP;

  /** The format of a file, empty if it is none of these. */
  static Optional<PictureFormat> of(byte[] file) {
    if (starts(file, 0, 0xff, 0xd8, 0xff)) {
      return Optional.of(JPEG);
    }
    if (starts(file, 0, 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n')) {
      return Optional.of(PNG);
    }
    if (starts(file, 0, 'G', 'I', 'F', '8')) {
      return Optional.of(GIF);
    }
    if (starts(file, 0, 'R', 'I', 'F', 'F') && starts(file, 8, 'W', 'E', 'B', 'P')) {
      return Optional.of(WEBP);
    }
    if (starts(file, 0, 'I', 'I', '*', 0) || starts(file, 0, 'M', 'M', 0, '*')) {
      return Optional.of(TIFF);
    }
    return starts(file, 0, 'B', 'M') ? Optional.of(BMP) : Optional.empty();
  }

  /** What a file that is none of these seems to be, for messages. */
  static String unknown(byte[] file) {
    if (file.length == 0) {
      return "an empty file";
    }
    if (starts(file, 4, 'f', 't', 'y', 'p') && file.length >= 12) {
      String brand = new String(file, 8, 4, StandardCharsets.ISO_8859_1);
      return switch (brand) {
        case "avif", "avis" -> "AVIF, which is not read";
        case "heic", "heix", "mif1" -> "HEIF, which is not read";
        default -> "no image format known here";
      };
    }
    return starts(file, 0, 0xff, 0x0a) ? "JPEG XL, which is not read" : "no image format known here";
  }

  private static boolean starts(byte[] file, int at, int... magic) {
    if (file.length < at + magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((file[at + i] & 255) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
