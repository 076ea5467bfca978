package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;

/** A stream that gives many bytes at once, and one in the same way. */
public abstract class BulkStream extends InputStream {
  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public abstract int read(byte[] target, int offset, int count) throws IOException;
}
