package kiln.data.folder;

import java.util.List;
import kiln.bindings.UserException;

/**
 * How a folder of pictures is read.
 *
 * @param captionFields fields of {@code metadata.jsonl}, or columns of {@code metadata.csv}, that may hold the caption; the first
 *     that does is used
 * @param maxPictureBytes larger pictures are left out
 */
public record ImageFolderOptions(List<String> captionFields, long maxPictureBytes) {
  public ImageFolderOptions {
    captionFields = List.copyOf(captionFields);
    if (captionFields.isEmpty()) {
      throw new UserException("--caption-field: expected at least one name");
    }
    if (maxPictureBytes < 1) {
      throw new UserException("--max-file-size " + maxPictureBytes + ": expected at least 1");
    }
  }

  /** The usual names, and 64 MiB. */
  public static ImageFolderOptions defaults() {
    return new ImageFolderOptions(List.of("text", "caption"), 64L << 20);
  }
}
