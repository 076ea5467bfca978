package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;

/** A server's file, of which any part may be asked for. One request each; nothing is tried again here. */
interface RangedStore {
  String location();

  /**
   * Asks for the bytes from {@code from} to the end, or up to {@code until} (exclusive).
   *
   * @param until {@link Long#MAX_VALUE} for the end
   * @param version of the file of which a part has been read before, null if none has or it has none
   * @throws InputException that says whether another attempt is worthwhile
   */
  Part open(long from, long until, String version) throws IOException;

  /**
   * Asks for the length and version alone; the body is closed.
   *
   * @throws InputException that says whether another attempt is worthwhile
   */
  Part probe() throws IOException;

  /**
   * What a server answers.
   *
   * @param body the bytes; whoever asked closes it
   * @param from where the body begins; 0 if the server has ignored the range
   * @param total bytes of the whole file, -1 if the server does not say
   * @param version changes when the file does; null if the server does not say
   */
  record Part(InputStream body, long from, long total, String version) {}
}
