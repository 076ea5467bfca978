package kiln.data.fetch;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.UserException;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Unpacks a Debian package: an {@code ar} archive whose member {@code data.tar.*} holds the files (deb(5)). */
final class DebFile {
  private DebFile() {}

  /**
   * Writes the regular files below a folder of the package; links and everything else is left out.
   *
   * @param below such as {@code usr/share/fonts/}
   * @param wanted regular expression for file names
   * @param target the folder that takes their place
   * @return how many files
   * @throws UserException if it is no Debian package, or packed in a way that is not read here
   */
  static int unpack(Path deb, String below, String wanted, Path target) throws IOException {
    try (ArArchiveInputStream ar = new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(deb)))) {
      for (ArArchiveEntry entry = ar.getNextEntry(); entry != null; entry = ar.getNextEntry()) {
        switch (entry.getName()) {
          case "data.tar.xz":
            return untar(new XZCompressorInputStream(ar), below, wanted, target);
          case "data.tar.gz":
            return untar(new GzipCompressorInputStream(ar), below, wanted, target);
          case "data.tar":
            return untar(ar, below, wanted, target);
          default:
            if (entry.getName().startsWith("data.tar")) {
              throw new UserException(deb + ": packed as " + entry.getName() + ", expected data.tar.xz, .gz or no compression");
            }
        }
      }
    }
    throw new UserException(deb + ": no Debian package: it has no data.tar");
  }

  private static int untar(InputStream packed, String below, String wanted, Path target) throws IOException {
    int files = 0;
    // Closing would close the archive around it, which the caller does.
    @SuppressWarnings("resource")
    TarArchiveInputStream tar = new TarArchiveInputStream(new BufferedInputStream(packed, 1 << 16));
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      String name = entry.getName().startsWith("./") ? entry.getName().substring(2) : entry.getName();
      String fileName = name.substring(name.lastIndexOf('/') + 1);
      if (!entry.isFile() || entry.isSymbolicLink() || entry.isLink() || !name.startsWith(below) || !fileName.matches(wanted)) {
        continue;
      }
      Path file = target.resolve(name.substring(below.length())).normalize();
      if (!file.startsWith(target)) {
        throw new UserException("package entry " + name + " points outside its folder");
      }
      Files.createDirectories(file.getParent());
      Files.copy(tar, file);
      files++;
    }
    return files;
  }
}
