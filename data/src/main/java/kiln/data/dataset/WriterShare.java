package kiln.data.dataset;

import kiln.bindings.UserException;
import kiln.data.queue.Lanes;

/**
 * How the writing of a data set is divided.
 *
 * @param writers queues of each split
 * @param only the one that this process fills, from the drafts {@code only}, {@code only + writers}, … of the source; null if one
 *     process fills all, block by block in turn
 */
public record WriterShare(int writers, Integer only) {
  private static final int MOST = 1024;

  /** One process, one queue. */
  public static final WriterShare ONE = new WriterShare(1, null);

  public WriterShare {
    if (writers < 1 || writers > MOST) {
      throw new UserException("option --writers: expected 1 to " + MOST + ", found " + writers);
    }
    if (only != null && (only < 0 || only >= writers)) {
      throw new UserException(
          "option --writer: expected 0/" + writers + " to " + (writers - 1) + "/" + writers + ", found " + only + "/" + writers);
    }
  }

  boolean apart() {
    return only != null;
  }

  Lanes lanes() {
    return apart() ? new Lanes(only, 1) : new Lanes(0, writers);
  }

  /** Whether this process makes a draft. */
  boolean makes(long draft) {
    return !apart() || draft % writers == only;
  }

  /** What the lock and the result of this process are called after. */
  int name() {
    return apart() ? only : 0;
  }
}
