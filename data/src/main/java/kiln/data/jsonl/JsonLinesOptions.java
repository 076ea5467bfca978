package kiln.data.jsonl;

import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * Which fields of JSON lines are read.
 *
 * @param imageFields the first of these that holds text names the picture's file
 * @param base64Fields the first of these that holds text is the picture itself, in Base64, with or without {@code data:…,} before
 * @param captionFields the first of these that holds text, or a list of texts, is the caption
 * @param keyField names the line; empty to name lines by file and number
 * @param imageRoot folder of the pictures; empty for that of each file
 * @param maxLineBytes longer lines are left out
 * @param maxPictureBytes larger pictures are left out
 */
public record JsonLinesOptions(
    List<String> imageFields,
    List<String> base64Fields,
    List<String> captionFields,
    Optional<String> keyField,
    Optional<String> imageRoot,
    long maxLineBytes,
    long maxPictureBytes) {
  public JsonLinesOptions {
    imageFields = List.copyOf(imageFields);
    base64Fields = List.copyOf(base64Fields);
    captionFields = List.copyOf(captionFields);
    if (imageFields.isEmpty() && base64Fields.isEmpty()) {
      throw new UserException("--image-field and --base64-field: expected at least one name");
    }
    if (maxLineBytes < 1 || maxLineBytes > 1 << 30) {
      throw new UserException("--max-line " + maxLineBytes + ": expected 1 to 1GiB");
    }
    if (maxPictureBytes < 1) {
      throw new UserException("--max-file-size " + maxPictureBytes + ": expected at least 1");
    }
  }

  /** The usual names; lines of 128 MiB, pictures of 64 MiB. */
  public static JsonLinesOptions defaults() {
    return new JsonLinesOptions(
        List.of("image", "file_name", "image_path", "path"),
        List.of("image_base64", "base64"),
        List.of("caption", "text"),
        Optional.empty(),
        Optional.empty(),
        128L << 20,
        64L << 20);
  }
}
