package kiln.data.webdataset;

import java.io.IOException;
import java.io.InputStream;
import kiln.data.input.BulkStream;

/**
 * Counts bytes, knows whether and how they have ended, and stops whoever reads more than has been allowed. It does not ask what is
 * below how much is available: what decompresses may throw then that the file is cut off, before its last bytes are read.
 */
final class MeteredStream extends BulkStream {
  private final InputStream in;
  private long position;
  private long limit = Long.MAX_VALUE;
  private boolean ended;
  private boolean failed;

  /**
   * @param in whoever opened it closes it
   */
  MeteredStream(InputStream in) {
    this.in = in;
  }

  /** Bytes read. */
  long position() {
    return position;
  }

  boolean hasEnded() {
    return ended;
  }

  /** Whether reading below has failed. */
  boolean hasFailed() {
    return failed;
  }

  /** Lets no more than {@code bytes} be read from here on. */
  void allow(long bytes) {
    limit = position + bytes;
  }

  void allowAll() {
    limit = Long.MAX_VALUE;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    if (count > 0 && position >= limit) {
      throw new IOException("a header is longer than it may be");
    }
    int got;
    try {
      got = in.read(target, offset, (int) Math.min(count, limit - position));
    } catch (IOException | RuntimeException e) {
      failed = true;
      throw e;
    }
    ended |= got < 0;
    position += Math.max(got, 0);
    return got;
  }
}
