package kiln.launcher.bundle;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes a folder as one archive: sorted, with fixed times and owners, so that the same files give the same bytes. */
final class BundleArchive implements AutoCloseable {
  /** Seconds: the time of the build's own jars, 2026-01-01. */
  private static final long TIME = 1_767_225_600;

  private static final int EXECUTABLE = 0755;
  private static final int PLAIN = 0644;

  private final Squeezer squeezer;
  private final OutputStream buffer;
  private final TarArchiveOutputStream tar;
  private final String root;

  /**
   * @param root name of the folder in the archive
   */
  BundleArchive(Squeezer squeezer, String root) {
    this.squeezer = squeezer;
    this.root = root;
    buffer = new BufferedOutputStream(squeezer.stream(), 1 << 16);
    tar = new TarArchiveOutputStream(buffer, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  /**
   * Adds a part of the folder.
   *
   * @param files below {@code folder}, files or links
   */
  BundlePart add(String part, Path folder, List<Path> files) throws IOException {
    long bytes = 0;
    long before = squeezer.written();
    // Machine code is squeezed in a way of its own, so it comes in one piece.
    for (boolean code : new boolean[] {true, false}) {
      List<Path> some = files.stream().filter(file -> isCode(file) == code).sorted().toList();
      if (!some.isEmpty()) {
        squeezer.expect(code);
        for (Path file : some) {
          bytes += add(folder, file);
        }
        endBlock();
      }
    }
    return new BundlePart(part, files.size(), bytes, squeezer.written() - before);
  }

  private static boolean isCode(Path file) {
    return file.getFileName().toString().matches(".*\\.so(\\.\\d+)*");
  }

  private long add(Path folder, Path file) throws IOException {
    String name = root + "/" + folder.relativize(file);
    boolean link = Files.isSymbolicLink(file);
    TarArchiveEntry entry = link ? new TarArchiveEntry(name, TarConstants.LF_SYMLINK) : new TarArchiveEntry(name);
    entry.setModTime(TIME * 1000);
    entry.setIds(0, 0);
    if (link) {
      entry.setLinkName(Files.readSymbolicLink(file).toString());
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
      return 0;
    }
    boolean executable = Files.getPosixFilePermissions(file).contains(PosixFilePermission.OWNER_EXECUTE);
    entry.setMode(executable ? EXECUTABLE : PLAIN);
    entry.setSize(Files.size(file));
    tar.putArchiveEntry(entry);
    Files.copy(file, tar);
    tar.closeArchiveEntry();
    return entry.getSize();
  }

  /** All files and links below a folder. */
  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return new ArrayList<>(tree.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)).toList());
    }
  }

  @Override
  public void close() throws IOException {
    tar.finish();
    endBlock();
    tar.close();
  }

  /** The stream of tar passes on no flush. */
  private void endBlock() throws IOException {
    buffer.flush();
    squeezer.endBlock();
  }

  /** A stream that compresses, in blocks. */
  interface Squeezer {
    OutputStream stream();

    /** Says what the next block holds: machine code of x86, or anything else. */
    void expect(boolean code) throws IOException;

    /** What has been written so far becomes part of the file. */
    void endBlock() throws IOException;

    /** Bytes of the file so far. */
    long written();
  }
}
