package kiln.data.fetch;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Consumer;
import kiln.bindings.CacheFolder;
import kiln.bindings.UserException;

/**
 * A Debian package whose files are used without installing it: fetched with {@code apt-get download}, which checks it against
 * the signed package lists, and unpacked into the cache folder. A second use finds it there.
 *
 * @param name such as {@code fonts-dejavu-core}
 * @param below the folder inside the package that is wanted, such as {@code usr/share/fonts/}
 * @param wanted regular expression for the file names that are unpacked, the others being of no use
 */
public record DebianPackage(String name, String below, String wanted) {
  /**
   * The folder with the package's files, fetched if it is not there yet. Several processes may ask at once.
   *
   * @param log told in one line what takes time
   * @throws UserException if apt-get is missing or does not give the package
   */
  public Path folder(Consumer<String> log) {
    return folder(CacheFolder.path(), log);
  }

  /** The folder with the package's files, if it has been fetched before. */
  public Optional<Path> fetched() {
    return Optional.of(target(CacheFolder.path())).filter(Files::isDirectory);
  }

  private Path target(Path cache) {
    return cache.resolve("packages").resolve(name);
  }

  Path folder(Path cache, Consumer<String> log) {
    Path target = target(cache);
    if (Files.isDirectory(target)) {
      return target;
    }
    return Apt.withFolder(
        target.getParent(),
        work -> {
          log.accept("fetching Debian package " + name + " into " + target);
          Path deb = Apt.download(work, name);
          Path unpacked = Files.createDirectory(work.resolve("unpacked"));
          if (DebFile.unpack(deb, below, wanted, unpacked) == 0) {
            throw new UserException(deb.getFileName() + ": holds no files " + wanted + " below " + below);
          }
          moveUnlessThere(unpacked, target);
          return target;
        });
  }

  private static void moveUnlessThere(Path from, Path target) throws IOException {
    try {
      Files.move(from, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      // Another process was faster, with the same files.
    } catch (IOException e) {
      if (!Files.isDirectory(target)) {
        throw e;
      }
    }
  }
}
