package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;

/** Bytes that can be read from their beginning, more than once and from several threads. */
public interface Input {
  /** As the user gave it, for messages. */
  String location();

  /**
   * Starts to read. A stream may be closed by another thread while one reads, which ends the reading.
   *
   * @throws InputException if it cannot be had; reading the stream throws the same
   */
  InputStream open() throws IOException;
}
