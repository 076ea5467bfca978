package kiln.data.source;

import java.util.Iterator;

/** All raw samples of a source; read by one thread, and closed by whoever has opened them. */
public interface RawSamples extends Iterator<RawSample>, AutoCloseable {
  @Override
  void close();
}
