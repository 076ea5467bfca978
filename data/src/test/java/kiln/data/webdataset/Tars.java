package kiln.data.webdataset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Makes tar files for tests. */
final class Tars {
  static final int RECORD = 512;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

  private Tars(int longFile) {
    tar.setLongFileMode(longFile);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(longFile == TarArchiveOutputStream.LONGFILE_POSIX);
  }

  static Tars posix() {
    return new Tars(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  static Tars gnu() {
    return new Tars(TarArchiveOutputStream.LONGFILE_GNU);
  }

  Tars add(String name, byte[] content) {
    try {
      TarArchiveEntry entry = new TarArchiveEntry(name, true);
      entry.setSize(content.length);
      entry.setModTime(0); // of now, it would have fractions of seconds, and an extended header for them
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Tars add(String name, String content) {
    return add(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** A picture and a caption. */
  Tars sample(String key) {
    return add(key + ".png", "picture of " + key).add(key + ".txt", "caption of " + key);
  }

  Tars link(String name, String target) {
    try {
      TarArchiveEntry entry = new TarArchiveEntry(name, TarArchiveEntry.LF_SYMLINK);
      entry.setLinkName(target);
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] finish() {
    try {
      tar.close();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the system's {@code tar} in a folder. */
  static void command(Path folder, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("tar", "--owner=0", "--group=0"));
    command.addAll(Arrays.asList(arguments));
    Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(command + ": " + said);
    }
  }

  /** Makes a changed header a valid one again. */
  static void fixChecksum(byte[] tar, int header) {
    Arrays.fill(tar, header + 148, header + 156, (byte) ' ');
    int sum = 0;
    for (int i = header; i < header + RECORD; i++) {
      sum += tar[i] & 0xff;
    }
    byte[] digits = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, tar, header + 148, digits.length);
  }

  /** Lets a header announce almost 8 EiB, in base 256 as GNU tar does. */
  static void announceMost(byte[] tar, int header) {
    Arrays.fill(tar, header + 124, header + 136, (byte) 0xff);
    tar[header + 124] = (byte) 0x80;
    Arrays.fill(tar, header + 125, header + 128, (byte) 0);
    tar[header + 128] = 0x7f;
    fixChecksum(tar, header);
  }
}
