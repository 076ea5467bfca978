package kiln.data.download;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Formats of pictures, known by their first bytes; what a server or a URL's ending says is not asked. */
enum PictureFormat {
  JPEG("jpg"),
  PNG("png"),
  GIF("gif"),
  WEBP("webp"),
  TIFF("tif"),
  BMP("bmp"),
  AVIF(null),
  HEIC(null),
  JPEG_XL(null),
  JPEG_2000(null),
  PHOTOSHOP(null),
  ICON(null),
  SVG(null);

  /** As many bytes as {@link #of} looks at. */
  static final int HEAD = 512;

  private final String extension;

  PictureFormat(String extension) {
    this.extension = extension;
  }

  /** Of the file's name; empty for a format that Kiln does not read. */
  Optional<String> extension() {
    return Optional.ofNullable(extension);
  }

  /**
   * @param head the file's first bytes, at most {@link #HEAD}
   */
  static Optional<PictureFormat> of(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("\u00ff\u00d8\u00ff")) {
      return Optional.of(JPEG);
    }
    if (text.startsWith("\u0089PNG\r\n\u001a\n")) {
      return Optional.of(PNG);
    }
    if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) {
      return Optional.of(GIF);
    }
    if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
      return Optional.of(WEBP);
    }
    if (text.startsWith("II*\0") || text.startsWith("MM\0*") || text.startsWith("II+\0") || text.startsWith("MM\0+")) {
      return Optional.of(TIFF);
    }
    if (text.startsWith("BM") && text.length() > 18 && isBitmapHeader(text)) {
      return Optional.of(BMP);
    }
    return unread(text);
  }

  /** The length of what follows the file's header, in 32 bits: one of the versions' 12 to 124. */
  private static boolean isBitmapHeader(String text) {
    return text.charAt(14) >= 12 && text.charAt(14) <= 124 && text.startsWith("\0\0\0", 15);
  }

  private static Optional<PictureFormat> unread(String text) {
    if (text.startsWith("ftypavif", 4) || text.startsWith("ftypavis", 4)) {
      return Optional.of(AVIF);
    }
    if (text.startsWith("ftyphei", 4) || text.startsWith("ftyphev", 4) || text.startsWith("ftypmif1", 4)) {
      return Optional.of(HEIC);
    }
    if (text.startsWith("\u00ff\n") || text.startsWith("\0\0\0\fJXL \r\n\u0087\n")) {
      return Optional.of(JPEG_XL);
    }
    if (text.startsWith("\0\0\0\fjP  \r\n\u0087\n") || text.startsWith("\u00ffO\u00ffQ")) {
      return Optional.of(JPEG_2000);
    }
    if (text.startsWith("8BPS")) {
      return Optional.of(PHOTOSHOP);
    }
    if (text.startsWith("\0\0\1\0")) {
      return Optional.of(ICON);
    }
    String lower = text.toLowerCase(Locale.ROOT).stripLeading();
    boolean xml = lower.startsWith("<svg") || (lower.startsWith("<?xml") && lower.contains("<svg"));
    return xml ? Optional.of(SVG) : Optional.empty();
  }
}
