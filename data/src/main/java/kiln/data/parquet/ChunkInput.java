package kiln.data.parquet;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import kiln.data.input.RangeReader;

/** The bytes of a column chunk in order: small reads come from a buffer, pages straight from the file. */
final class ChunkInput extends InputStream {
  /** Bytes of a read that is worth a request to a server. */
  static final int REMOTE_BUFFER = 1 << 20;

  static final int LOCAL_BUFFER = 1 << 16;

  private final RangeReader file;
  private final long end;
  private final byte[] buffer;
  private long position;
  private int next;
  private int filled;

  /**
   * @param position of the chunk's first byte; it and {@code end} lie within the file
   * @param buffer bytes that are read at once, where fewer are wanted
   */
  ChunkInput(RangeReader file, long position, long end, int buffer) {
    this.file = file;
    this.position = position;
    this.end = end;
    this.buffer = new byte[(int) Math.min(buffer, end - position)];
  }

  /** Bytes that have not been given yet. */
  long remaining() {
    return end - position + filled - next;
  }

  @Override
  public int read() throws IOException {
    return fill() ? buffer[next++] & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int given = Math.min(length, filled - next);
    System.arraycopy(buffer, next, into, offset, given);
    next += given;
    return given;
  }

  /** The next bytes, all of them. */
  byte[] readPage(int length) throws IOException {
    if (length < 0 || length > remaining()) {
      throw new EOFException("a page of " + length + " bytes, " + remaining() + " are left in its column chunk");
    }
    byte[] page = new byte[length];
    int buffered = Math.min(length, filled - next);
    System.arraycopy(buffer, next, page, 0, buffered);
    next += buffered;
    file.read(position, page, buffered, length - buffered);
    position += length - buffered;
    return page;
  }

  private boolean fill() throws IOException {
    if (next == filled) {
      next = 0;
      filled = 0;
      int length = (int) Math.min(buffer.length, end - position);
      file.read(position, buffer, 0, length);
      position += length;
      filled = length;
    }
    return filled > next;
  }
}
