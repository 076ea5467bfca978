package kiln.data.queue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * Makes a writer wait while more than so many bytes of training blocks lie unread ahead of the trainer.
 *
 * @param folder of the data set
 * @param bytes that may lie there
 * @param writers that write as much as this one, as far as one of them can know
 * @param waiting told once, when the writer begins to wait, how much lies there
 */
public record Ahead(Path folder, long bytes, int writers, LongConsumer waiting) {
  private static final Duration POLL = Duration.ofMillis(100);

  /**
   * Returns when there is place for more.
   *
   * @param written bytes that this writer has written
   */
  void await(long written) throws IOException {
    boolean told = false;
    for (long unread = unread(written); unread > bytes; unread = unread(written)) {
      if (!told) {
        waiting.accept(unread);
        told = true;
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
  }

  private long unread(long written) throws IOException {
    return written * writers - ReaderPosition.read(folder);
  }
}
