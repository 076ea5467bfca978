package kiln.data.parquet;

import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * Which columns of a table of pictures are read.
 *
 * @param imageColumn the bytes of picture files, or groups with such {@code bytes} inside, as Hugging Face's
 *     {@code image{bytes, path}}
 * @param captionColumn the captions, of lists of them the first; empty for pictures without
 * @param keyColumn names each row; empty to name rows by file and number
 * @param truthColumns what else is kept as truth; {@link UrlTableOptions#ALL} for every other column
 */
public record ParquetOptions(
    String imageColumn, Optional<String> captionColumn, Optional<String> keyColumn, List<String> truthColumns) {
  public ParquetOptions {
    truthColumns = List.copyOf(truthColumns);
    if (imageColumn.isBlank()) {
      throw new UserException("--image-column: expected a name");
    }
  }

  /** Hugging Face's usual names. */
  public static ParquetOptions defaults() {
    return new ParquetOptions("image", Optional.of("text"), Optional.empty(), UrlTableOptions.ALL);
  }
}
