package kiln.launcher.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/** Where the ranks' flight recorders lie in a run's folder. */
public final class RecorderFiles {
  /** Name of the communicator of all ranks. */
  static final String WORLD = "world";

  private static final String ENDING = ".ring";

  private RecorderFiles() {}

  /** The mapped file of a rank. */
  public static Path ring(Path folder, int rank) {
    return folder.resolve(name(rank) + ENDING);
  }

  /** What a rank writes when the job ends because of a late collective. */
  static Path text(Path folder, int rank) {
    return folder.resolve(name(rank) + ".txt");
  }

  private static String name(int rank) {
    return String.format(Locale.ROOT, "rank-%04d", rank);
  }

  /** Removes what an earlier run left of this rank, and on rank 0 of ranks that there are no longer. */
  static void prepare(Path folder, int rank, int size) {
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(text(folder, rank));
      if (rank == 0) {
        for (int gone = size; Files.deleteIfExists(ring(folder, gone)); gone++) {
          Files.deleteIfExists(text(folder, gone));
        }
      }
    } catch (IOException e) {
      throw new UserException(folder + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }

  /** The mapped files of all ranks in a folder, by rank; none if there is no such folder. */
  public static List<Path> rings(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(ENDING)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
