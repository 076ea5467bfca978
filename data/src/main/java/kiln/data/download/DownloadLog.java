package kiln.data.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.ObjLongConsumer;
import kiln.bindings.UserException;

/**
 * {@code downloads.jsonl}: what became of each URL, one line each, only appended to. Of several lines about a URL the last one
 * counts. Whoever has it open has the folder for itself.
 */
final class DownloadLog implements AutoCloseable {
  static final String NAME = "downloads.jsonl";

  private static final long FORCE_EVERY = Duration.ofSeconds(1).toNanos();
  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final Window window = new Window();
  private long end;
  private long forced = System.nanoTime();
  private long unreadable;

  private DownloadLog(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens the log of a folder, new or old. A last line that was cut short is taken away.
   *
   * @param lines told of every line in order, with its place
   * @throws UserException if the file cannot be read or written, or another process has it
   */
  static DownloadLog open(Path folder, ObjLongConsumer<LogLine> lines) {
    Path file = folder.resolve(NAME);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      lock(file, channel);
      DownloadLog log = new DownloadLog(file, channel);
      log.load(lines);
      return log;
    } catch (IOException e) {
      closeQuietly(channel);
      throw failure(file, e);
    } catch (UserException e) {
      closeQuietly(channel);
      throw e;
    }
  }

  private static void lock(Path file, FileChannel channel) throws IOException {
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another download of this process.
    }
    if (lock == null) {
      throw new UserException(file + ": another process is downloading into this folder");
    }
  }

  private void load(ObjLongConsumer<LogLine> lines) throws IOException {
    long size = channel.size();
    while (end < size) {
      int length = window.line(end);
      if (length < 0) {
        break;
      }
      LogLine line = LogLine.parse(window.bytes, window.offset(end), length);
      if (line == null) {
        unreadable++;
      } else {
        lines.accept(line, end);
      }
      end += length + 1;
    }
    if (end < size) {
      channel.truncate(end);
      channel.force(true);
    }
  }

  /** Lines that a crash of the machine has spoilt; their URLs count as new. */
  long unreadable() {
    return unreadable;
  }

  /**
   * Appends a line. It outlives a crash of this process when this returns, and one of the machine about a second later.
   *
   * @return its place
   * @throws UserException if the disk is full; then the log is as before
   */
  synchronized long append(LogLine line) {
    long place = end;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(line.bytesOfLine());
      while (bytes.hasRemaining()) {
        channel.write(bytes, place + bytes.position());
      }
      end += bytes.limit();
      if (System.nanoTime() - forced > FORCE_EVERY) {
        channel.force(false);
        forced = System.nanoTime();
      }
      return place;
    } catch (IOException e) {
      takeBack(place);
      throw failure(file, e);
    }
  }

  private void takeBack(long place) {
    try {
      channel.truncate(place);
    } catch (IOException e) {
      // The next run does it.
    }
  }

  /** The line at a place that {@link #append} or {@link #open} gave. */
  synchronized LogLine read(long place) {
    try {
      int length = window.line(place);
      LogLine line = length < 0 ? null : LogLine.parse(window.bytes, window.offset(place), length);
      if (line == null) {
        throw new UserException(file + ": changed while it was used, at byte " + place);
      }
      return line;
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  @Override
  public synchronized void close() {
    try (channel) {
      channel.force(true);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // What went wrong before is told.
    }
  }

  private static UserException failure(Path file, IOException cause) {
    return new UserException(file + ": cannot be written (" + cause.getMessage() + ")", cause);
  }

  /** Part of the file, so that lines that are near each other are read at once. */
  private final class Window {
    private byte[] bytes = new byte[BUFFER];
    private long start;
    private int filled;

    int offset(long place) {
      return (int) (place - start);
    }

    /** Makes the line at a place available; returns its length, -1 if it has no end. */
    int line(long place) throws IOException {
      if (place >= start && place < start + filled) {
        int length = length(place);
        if (length >= 0) {
          return length;
        }
      }
      start = place;
      filled = 0;
      while (true) {
        if (filled == bytes.length) {
          bytes = Arrays.copyOf(bytes, 2 * bytes.length);
        }
        int read = channel.read(ByteBuffer.wrap(bytes, filled, bytes.length - filled), start + filled);
        if (read <= 0) {
          return -1;
        }
        filled += read;
        int length = length(place);
        if (length >= 0) {
          return length;
        }
      }
    }

    private int length(long place) {
      for (int i = offset(place); i < filled; i++) {
        if (bytes[i] == '\n') {
          return i - offset(place);
        }
      }
      return -1;
    }
  }
}
