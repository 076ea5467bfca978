package kiln.data.webdataset;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts bytes, knows whether the end has been seen, and stops whoever reads more than has been allowed. */
final class MeteredStream extends FilterInputStream {
  private long position;
  private long limit = Long.MAX_VALUE;
  private boolean ended;

  MeteredStream(InputStream in) {
    super(in);
  }

  /** Bytes read. */
  long position() {
    return position;
  }

  boolean hasEnded() {
    return ended;
  }

  /** Lets no more than {@code bytes} be read from here on. */
  void allow(long bytes) {
    limit = position + bytes;
  }

  void allowAll() {
    limit = Long.MAX_VALUE;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    if (count > 0 && position >= limit) {
      throw new IOException("a header is longer than it may be");
    }
    int got = in.read(target, offset, (int) Math.min(count, limit - position));
    ended |= got < 0;
    position += Math.max(got, 0);
    return got;
  }

  @Override
  public long skip(long count) throws IOException {
    return count <= 0 ? 0 : Math.max(0, read(new byte[(int) Math.min(count, 1 << 13)]));
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
