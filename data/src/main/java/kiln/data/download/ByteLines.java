package kiln.data.download;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Lines of a file as bytes, without their ends. A line that is too long takes no memory. */
final class ByteLines implements AutoCloseable {
  /** More than any URL with a caption has. */
  static final int LONGEST = 4 << 20;

  private final InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
  private long number;
  private boolean tooLong;

  ByteLines(InputStream in) {
    this.in = new BufferedInputStream(in, 1 << 16);
  }

  /** The next line, null after the last one. */
  byte[] next() throws IOException {
    line.reset();
    tooLong = false;
    boolean any = false;
    for (int b = in.read(); b >= 0; b = in.read()) {
      any = true;
      if (b == '\n') {
        break;
      }
      if (line.size() < LONGEST) {
        line.write(b);
      } else {
        tooLong = true;
      }
    }
    number += any ? 1 : 0;
    return any ? line.toByteArray() : null;
  }

  /** Of the line that was given last, counted from 1. */
  long number() {
    return number;
  }

  /** Whether the line that was given last is only a beginning. */
  boolean tooLong() {
    return tooLong;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
