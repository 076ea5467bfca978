package kiln.data.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import kiln.bindings.UserException;

/** The files that a finished data set says it has. */
public final class ListedFiles {
  private ListedFiles() {}

  /**
   * @param files names below {@code folder}, and at least so many bytes of each
   * @param list where they are listed, for messages
   * @throws UserException if one is missing or truncated
   */
  public static void check(Path folder, Map<String, Long> files, String list) {
    for (Map.Entry<String, Long> entry : files.entrySet()) {
      Path file = folder.resolve(entry.getKey());
      long size;
      try {
        size = Files.size(file);
      } catch (IOException e) {
        throw new UserException(file + ": missing, " + list + " lists it");
      }
      if (size < entry.getValue()) {
        throw new UserException(file + ": truncated: " + size + " bytes, expected " + entry.getValue());
      }
    }
  }
}
