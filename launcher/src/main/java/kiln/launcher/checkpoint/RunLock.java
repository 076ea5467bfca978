package kiln.launcher.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import kiln.bindings.UserException;

/**
 * Keeps two jobs from training into one folder, where each would remove what the other writes. The system lets go of it when the
 * process ends, however it ends. On file systems that know no locks it keeps nobody out.
 */
public final class RunLock implements AutoCloseable {
  private static final String FILE = "lock";

  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws UserException if another job has it
   */
  public static RunLock take(RunFolder run) {
    Path file = run.path().resolve(FILE);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isFree(channel)) {
        channel.close();
        throw new UserException("option --out: " + run.path() + ": another job is training into it, and locks " + file);
      }
      return new RunLock(channel);
    } catch (IOException e) {
      throw new UserException("option --out: " + file + " cannot be written (" + e.getMessage() + ")", e);
    }
  }

  private static boolean isFree(FileChannel channel) {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // a job of this process
    } catch (IOException e) {
      return true; // no locks here
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("cannot give back a lock", e);
    }
  }
}
