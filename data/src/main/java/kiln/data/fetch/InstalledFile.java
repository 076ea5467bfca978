package kiln.data.fetch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * A file that a Debian package has installed on this machine, as {@code dpkg-query} knows it.
 *
 * @param file such as {@code /usr/lib/x86_64-linux-gnu/libmpi_java.so.40.30.0}
 * @param source the package's source
 */
public record InstalledFile(Path file, DebianSource source) {
  /**
   * The first regular file whose path fits.
   *
   * @param pattern of the shell, such as {@code libmpi_java.so.*}
   * @throws UserException if this is no Debian system
   */
  public static Optional<InstalledFile> find(String pattern) {
    return Apt.withFolder(
        Path.of(System.getProperty("java.io.tmpdir")),
        work -> {
          for (String line : SystemCommand.run(work, List.of("dpkg-query", "-S", pattern)).lines()) {
            String[] parts = line.split(": ", 2); // libopenmpi3:amd64: /usr/lib/…
            if (parts.length == 2 && Files.isRegularFile(Path.of(parts[1])) && !Files.isSymbolicLink(Path.of(parts[1]))) {
              List<String> format = List.of("dpkg-query", "-W", "-f", "${source:Package} ${source:Version}\n", parts[0]);
              String[] source = SystemCommand.run(work, format).lines().getFirst().split(" ");
              return Optional.of(new InstalledFile(Path.of(parts[1]), new DebianSource(source[0], source[1])));
            }
          }
          return Optional.empty();
        });
  }
}
