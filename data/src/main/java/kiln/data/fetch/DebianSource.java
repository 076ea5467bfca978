package kiln.data.fetch;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * A Debian source package, fetched with {@code apt-get source}, which checks it against the signed lists. The system's lists
 * need not name sources, and stay as they are; no rights are needed.
 *
 * @param name such as {@code openmpi}
 * @param version of the source package, such as {@code 4.1.4-3}
 */
public record DebianSource(String name, String version) {
  /** What is made of the files. */
  public interface Use {
    /**
     * @param files a folder that is gone afterwards
     */
    void accept(Path files) throws IOException;
  }

  /**
   * Unpacks the files right in a folder of the archive, its first folder not counted, and gives them to {@code use}.
   *
   * @param cache a folder that can take ten times the archive for a while
   * @param below such as {@code ompi/mpi/java/java/}
   * @param wanted regular expression for file names
   * @param log told in one line what takes time
   * @throws UserException if apt-get does not give the package, or it has no such files
   */
  public void files(Path cache, String below, String wanted, Consumer<String> log, Use use) {
    Apt.withFolder(
        cache,
        work -> {
          log.accept("fetching the Debian source package " + name + " " + version);
          Path archive = Apt.downloadSource(work, name, version);
          Path files = Files.createDirectory(work.resolve("files"));
          if (unpack(archive, below, wanted, files) == 0) {
            throw new UserException(archive.getFileName() + ": holds no files " + wanted + " in " + below);
          }
          use.accept(files);
          return null;
        });
  }

  static int unpack(Path archive, String below, String wanted, Path target) throws IOException {
    int count = 0;
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new BufferedInputStream(new XZCompressorInputStream(Files.newInputStream(archive)), 1 << 16))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String inside = entry.getName().substring(entry.getName().indexOf('/') + 1);
        String fileName = inside.substring(inside.lastIndexOf('/') + 1);
        if (entry.isFile() && !entry.isSymbolicLink() && inside.equals(below + fileName) && fileName.matches(wanted)) {
          Files.copy(tar, target.resolve(fileName));
          count++;
        }
      }
    }
    return count;
  }
}
