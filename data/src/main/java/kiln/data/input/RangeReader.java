package kiln.data.input;

import java.io.Closeable;
import java.io.IOException;

/** Reads any part of bytes that do not change meanwhile; from one thread at a time. */
public interface RangeReader extends Closeable {
  /** In bytes. */
  long length();

  /**
   * Reads {@code count} bytes that begin at {@code position}.
   *
   * @throws InputException if they cannot be had, or have changed since the reader was opened
   * @throws IndexOutOfBoundsException if the range is not within the length
   */
  void read(long position, byte[] target, int offset, int count) throws IOException;
}
