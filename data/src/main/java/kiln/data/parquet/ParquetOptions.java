package kiln.data.parquet;

import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * Which columns of a table of pictures are read. Nested ones have dots in their names.
 *
 * @param imageColumns the first of these that a file has is used: bytes of picture files, or groups with such {@code bytes}
 *     inside, as Hugging Face's {@code image{bytes, path}}
 * @param captionColumns the first of these that a file has is used, and of lists of captions the first; empty for pictures
 *     without
 * @param keyColumn names each row; empty to name rows by file and number
 * @param truthColumns what else is kept as truth; {@link UrlTableOptions#ALL} for every other column
 * @param maxPictureBytes larger pictures are left out
 */
public record ParquetOptions(
    List<String> imageColumns,
    List<String> captionColumns,
    Optional<String> keyColumn,
    List<String> truthColumns,
    long maxPictureBytes) {
  public ParquetOptions {
    imageColumns = List.copyOf(imageColumns);
    captionColumns = List.copyOf(captionColumns);
    truthColumns = List.copyOf(truthColumns);
    if (imageColumns.isEmpty()) {
      throw new UserException("--image-column: expected a name");
    }
    if (maxPictureBytes < 1) {
      throw new UserException("--max-file-size " + maxPictureBytes + ": expected at least 1");
    }
  }

  /** The usual names, and 64 MiB. */
  public static ParquetOptions defaults() {
    return new ParquetOptions(
        List.of("image", "img", "jpg", "png", "webp"),
        List.of("caption", "text", "TEXT"),
        Optional.empty(),
        UrlTableOptions.ALL,
        64L << 20);
  }
}
