package kiln.data.input;

import java.io.IOException;

/** Bytes that can also be read by ranges. */
public interface SeekableInput extends Input {
  /**
   * @throws InputException if it cannot be had
   */
  RangeReader openRanges() throws IOException;
}
