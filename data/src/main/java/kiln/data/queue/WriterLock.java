package kiln.data.queue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import kiln.bindings.UserException;

/** Held by the process that fills a data set's queues, and let go of by the system however that process ends. */
public final class WriterLock implements AutoCloseable {
  private final FileChannel channel;

  private WriterLock(FileChannel channel) {
    this.channel = channel;
  }

  private static Path file(Path folder, int writer) {
    return folder.resolve("writer-" + writer + ".lock");
  }

  /**
   * @throws UserException if another process holds it
   */
  public static WriterLock take(Path folder, int writer) throws IOException {
    FileChannel channel = FileChannel.open(file(folder, writer), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return new WriterLock(channel);
      }
    } catch (OverlappingFileLockException e) {
      // of this process
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new UserException(folder + ": another process is preparing it (it holds " + file(folder, writer).getFileName() + ")");
  }

  /** The lock of the few moments in which files that all writers share are made. */
  public static WriterLock await(Path folder) throws IOException {
    FileChannel channel = FileChannel.open(folder.resolve("preparation.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      channel.lock();
      return new WriterLock(channel);
    } catch (IOException | OverlappingFileLockException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether somebody is filling the queues of a writer. */
  public static boolean isHeld(Path folder, int writer) {
    try (FileChannel channel = FileChannel.open(file(folder, writer), StandardOpenOption.READ);
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes the files of all locks. */
  public static void delete(Path folder, int writers) throws IOException {
    Files.deleteIfExists(folder.resolve("preparation.lock"));
    for (int writer = 0; writer < writers; writer++) {
      Files.deleteIfExists(file(folder, writer));
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
