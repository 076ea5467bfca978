package kiln.data.webdataset;

import java.io.IOException;
import java.io.InputStream;
import kiln.data.input.InputException;
import kiln.data.source.UnusableException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The members of a tar file, in order (POSIX ustar and pax, GNU long names). Whatever a header announces, no more memory is taken
 * than the caller allows, and nothing is taken for the end that is not.
 */
final class TarMembers {
  /** A member's headers with their extensions, which are held in memory: paths and attributes. */
  private static final int LONGEST_HEADER = 1 << 18;

  /** What writers put behind the end: zeros that fill a tape's block. */
  private static final int LONGEST_FILLING = 1 << 26;

  private static final int RECORD = 512;
  private static final int BLOCK = 20 * RECORD;

  private final String location;
  private final MeteredStream file;
  private final MeteredStream stream;
  private final TarArchiveInputStream tar;
  private TarArchiveEntry entry;

  /**
   * @param in of the file, maybe compressed; whoever opened it closes it
   * @param location for messages
   */
  TarMembers(InputStream in, String location) throws UnusableException {
    this.location = location;
    file = new MeteredStream(in);
    try {
      stream = new MeteredStream(Decompression.of(file, location));
    } catch (InputException e) {
      throw e.unusable();
    } catch (IOException | RuntimeException e) {
      throw new UnusableException(Defects.DAMAGED, location + ": does not begin as what it claims to be: " + text(e));
    }
    tar = new TarArchiveInputStream(stream, BLOCK, RECORD, "UTF-8", true);
  }

  /**
   * Goes on to the next member.
   *
   * @return null at the end
   * @throws UnusableException if the rest cannot be read
   */
  TarArchiveEntry next() throws UnusableException {
    try {
      if (entry != null) {
        skipRest();
      }
      long end = (stream.position() + RECORD - 1) / RECORD * RECORD;
      stream.allow(LONGEST_HEADER);
      entry = tar.getNextEntry();
      stream.allowAll();
      if (entry == null) {
        checkEnd(end);
      } else if (!entry.isCheckSumOK()) {
        throw new IOException("a header's checksum is wrong");
      }
      return entry;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw failure(e);
    }
  }

  /** Not what {@link TarArchiveInputStream#getNextEntry} would do by itself, which reads every zero of a sparse member. */
  private void skipRest() throws IOException {
    while (tar.skip(Long.MAX_VALUE) > 0) {
      continue;
    }
  }

  /**
   * Reads the current member.
   *
   * @return null if it has more than {@code most} bytes
   * @throws UnusableException if it is cut off
   */
  byte[] read(long most) throws UnusableException {
    long size = entry.getRealSize();
    if (size > most) {
      return null;
    }
    try {
      byte[] bytes = tar.readNBytes((int) size);
      if (bytes.length < size) {
        throw new IOException("a member ends early");
      }
      return bytes;
    } catch (IOException | RuntimeException e) {
      throw failure(e);
    }
  }

  /** Where records of zeros end an archive, there is at least one; a file that was cut between two members has none. */
  private void checkEnd(long end) throws UnusableException, IOException {
    if (stream.position() < end + RECORD) {
      throw new UnusableException(
          Defects.TRUNCATED, location + ": ends after " + stream.position() + " bytes without a tar file's end mark");
    }
    byte[] buffer = new byte[1 << 13];
    for (int got = stream.read(buffer); got >= 0; got = stream.read(buffer)) {
      for (int i = 0; i < got; i++) {
        if (buffer[i] != 0) {
          throw new UnusableException(
              Defects.GOES_ON, location + ": goes on after the tar file's end mark; what follows is not read");
        }
      }
      if (stream.position() > end + LONGEST_FILLING) {
        throw new UnusableException(Defects.GOES_ON, location + ": zeros without end after the tar file's end mark");
      }
    }
  }

  private UnusableException failure(Throwable e) {
    if (e instanceof InputException input) {
      return input.unusable();
    }
    String where = location + ": after " + stream.position() + " bytes: ";
    // What decompresses has read ahead: that the file has ended tells something only if that is what it fails at.
    boolean cut = stream.hasFailed() ? file.hasEnded() : stream.hasEnded();
    return cut
        ? new UnusableException(Defects.TRUNCATED, where + "ends in the middle of a member")
        : new UnusableException(Defects.DAMAGED, where + text(e));
  }

  private static String text(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().findFirst().orElse("").strip();
  }
}
