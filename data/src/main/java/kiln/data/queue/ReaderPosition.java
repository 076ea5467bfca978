package kiln.data.queue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much of a data set that is still being made a trainer has read, in a small file of its folder. */
public final class ReaderPosition {
  private static final String FILE = "trainer.position";

  private ReaderPosition() {}

  /**
   * @param bytes of all training blocks, in order, that have been read
   */
  public static void write(Path folder, long bytes) throws IOException {
    Preparation.write(folder, FILE, (bytes + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** 0 if no trainer has begun. */
  static long read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return 0;
    }
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (NumberFormatException e) {
      return 0; // another's file: as if there were none
    }
  }

  public static void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(FILE));
  }
}
