package kiln.data.url;

import java.util.Iterator;

/** All rows of a table; read by one thread, and closed by whoever has opened them. */
public interface UrlRows extends Iterator<UrlRow>, AutoCloseable {
  @Override
  void close();
}
