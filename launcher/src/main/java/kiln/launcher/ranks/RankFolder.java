package kiln.launcher.ranks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A small folder in memory in which ranks find their job and each other. It is gone as soon as all have found both. */
public final class RankFolder {
  private RankFolder() {}

  /** A new one, in memory where the system has such a place. */
  public static Path create() {
    Path memory = Path.of("/dev/shm");
    try {
      return Files.isWritable(memory) ? Files.createTempDirectory(memory, "kiln-") : Files.createTempDirectory("kiln-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the secret of the ranks' job lies. */
  public static Path secret(Path folder) {
    return folder.resolve("secret");
  }

  /** Removes that of this rank: its supervisor, which would have done it, is gone. */
  public static void deleteOwn() {
    delete(RankEnvironment.read(System.getenv()).segment().getParent());
  }

  /** Removes it; no harm is done if it is gone already, or if several processes do it. */
  public static void delete(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
