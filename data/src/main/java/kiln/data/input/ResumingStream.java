package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;

/**
 * The bytes of a server's file. When the connection breaks, another goes on where it was, as often as the policy allows without
 * a single byte in between.
 */
final class ResumingStream extends BulkStream {
  private final RangedStore store;
  private final RetryPolicy retries;
  private final long first;
  private final long until;

  private volatile InputStream body;
  private volatile boolean closed;
  private long position;
  private long total = -1;
  private String version;

  /**
   * @param first of the bytes wanted
   * @param until the byte after the last one wanted, {@link Long#MAX_VALUE} for all
   * @param version that the file must have, null if any
   */
  ResumingStream(RangedStore store, RetryPolicy retries, long first, long until, String version) {
    this.store = store;
    this.retries = retries;
    this.first = first;
    this.until = until;
    this.position = first;
    this.version = version;
  }

  /** Connects, if it is not connected. */
  void start() throws IOException {
    retries.call(
        () -> {
          connect();
          return null;
        });
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, target.length);
    if (count == 0) {
      return 0;
    }
    long end = total < 0 ? until : Math.min(until, total);
    if (position >= end) {
      finish();
      return -1;
    }
    int wanted = (int) Math.min(count, end - position);
    int got = retries.call(() -> readOnce(target, offset, wanted));
    position += Math.max(got, 0);
    return got;
  }

  /** Reads the end of the body, so that whoever computes a checksum of it can say that it is another. */
  private void finish() throws InputException {
    InputStream last = body;
    try {
      if (last != null) {
        last.read();
      }
    } catch (InputException e) {
      if (!e.isPassing()) {
        throw e;
      }
    } catch (IOException _) {
      // All bytes are there.
    } finally {
      disconnect();
    }
  }

  private int readOnce(byte[] target, int offset, int count) throws IOException {
    connect();
    try {
      int got = body.read(target, offset, count);
      if (got < 0 && total >= 0) {
        throw broken("ends", null);
      }
      if (got < 0 && until != Long.MAX_VALUE) {
        throw InputException.lasting(InputException.CHANGED, store.location(), "ends after " + position + " bytes");
      }
      return got;
    } catch (InputException e) {
      disconnect();
      throw e;
    } catch (InterruptedIOException e) {
      disconnect();
      throw e;
    } catch (IOException e) {
      disconnect();
      checkOpen();
      throw broken("breaks off", e);
    }
  }

  private InputException broken(String how, IOException cause) {
    String of = total < 0 ? "" : " of " + total;
    return InputException.passing(
        InputException.BROKEN, store.location(), how + " after " + position + of + " bytes", cause);
  }

  private void connect() throws IOException {
    checkOpen();
    if (body != null) {
      return;
    }
    RangedStore.Part part = store.open(position, until, version);
    body = part.body();
    try {
      checkOpen(); // Closed meanwhile: nobody else would close this one.
      check(part);
      skipTo(part.from());
    } catch (IOException | RuntimeException e) {
      disconnect();
      throw e;
    }
  }

  private void check(RangedStore.Part part) throws InputException {
    boolean otherVersion = version != null && part.version() != null && !version.equals(part.version());
    boolean otherLength = total >= 0 && part.total() >= 0 && total != part.total();
    if (otherVersion || otherLength) {
      String what = otherLength ? "its length, from " + total + " to " + part.total() : "its version";
      throw InputException.lasting(
          InputException.CHANGED, store.location(), "has changed " + what + " after " + position + " bytes");
    }
    if (part.from() != position && (part.from() != 0 || position == first)) {
      throw InputException.lasting(
          InputException.NO_RANGES, store.location(), "asked for bytes from " + position + ", got those from " + part.from());
    }
    total = part.total() >= 0 ? part.total() : total;
    version = part.version() != null ? part.version() : version;
  }

  /** A server without ranges has started over. */
  private void skipTo(long from) throws IOException {
    try {
      body.skipNBytes(position - from);
    } catch (InputException | InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw broken("breaks off again", e);
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException(store.location() + ": closed");
    }
  }

  private void disconnect() {
    InputStream old = body;
    body = null;
    if (old != null) {
      try {
        old.close();
      } catch (IOException _) {
        // What was wanted of it has been read, or has failed already.
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    disconnect();
  }
}
