package kiln.data.source;

import java.util.Iterator;

/** All drafts of a source; read by one thread, and closed by whoever has opened them. */
public interface Drafts extends Iterator<Draft>, AutoCloseable {
  @Override
  void close();

  /** Of a source that has nothing open. */
  static Drafts of(Iterator<Draft> drafts) {
    return new Drafts() {
      @Override
      public boolean hasNext() {
        return drafts.hasNext();
      }

      @Override
      public Draft next() {
        return drafts.next();
      }

      @Override
      public void close() {}
    };
  }
}
