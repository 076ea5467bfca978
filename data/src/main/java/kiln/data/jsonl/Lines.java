package kiln.data.jsonl;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Lines of a stream as bytes, however long its lines are: what is longer than allowed is passed over, not kept. */
public final class Lines {
  private static final int BUFFER = 1 << 16;

  private final InputStream in;
  private final int longest;
  private final byte[] buffer = new byte[BUFFER];
  private int next;
  private int filled;
  private long number;
  private long length;

  /**
   * @param longest bytes of a line that are kept
   */
  public Lines(InputStream in, int longest) {
    this.in = in;
    this.longest = longest;
  }

  /** Of the line read last, from 1. */
  public long number() {
    return number;
  }

  /** Bytes of the line read last; if that is more than allowed, its text is only the beginning. */
  public long length() {
    return length;
  }

  /** The next line without its end, which is {@code \n} or {@code \r\n}; null after the last. */
  public byte[] next() throws IOException {
    byte[] line = new byte[256];
    int kept = 0;
    length = 0;
    while (true) {
      if (next == filled) {
        next = 0;
        filled = Math.max(0, in.read(buffer));
        if (filled == 0) {
          break;
        }
      }
      int end = next;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      int part = end - next;
      int keep = Math.min(part, longest - kept);
      if (kept + keep > line.length) {
        line = Arrays.copyOf(line, (int) Math.min(longest, Math.max(2L * line.length, kept + keep)));
      }
      System.arraycopy(buffer, next, line, kept, keep);
      kept += keep;
      length += part;
      next = end;
      if (end < filled) {
        next++;
        return finished(line, kept);
      }
    }
    return length == 0 ? null : finished(line, kept);
  }

  private byte[] finished(byte[] line, int kept) {
    number++;
    int end = kept > 0 && kept == length && line[kept - 1] == '\r' ? kept - 1 : kept;
    return Arrays.copyOf(line, end);
  }
}
