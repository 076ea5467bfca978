package kiln.launcher.explain;

import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;

/**
 * The largest micro-batch that a memory has room for. Each answer costs a plan, so few are asked: memory grows nearly in line with the
 * batch, and the next guess is where a line through two answers reaches the limit.
 */
final class LargestBatch {
  /** The largest that is looked for. */
  static final int MOST = 4096;

  /** What a micro-batch needs that is too large to be planned at all. */
  static final long TOO_LARGE = Long.MAX_VALUE;

  /** A line that misses on the same side again and again is left every second time from this answer on. */
  private static final int PATIENCE = 5;

  private final IntToLongFunction bytes;
  private final long capacity;
  private final NavigableMap<Integer, Long> known = new TreeMap<>(); // without those that are too large

  /**
   * @param bytes of all memory that a micro-batch needs, which grows with it, or {@link #TOO_LARGE}
   */
  LargestBatch(IntToLongFunction bytes, long capacity) {
    this.bytes = bytes;
    this.capacity = capacity;
  }

  /**
   * The largest that fits, at most {@value #MOST}; 0 if none does.
   *
   * @param start the first one to try
   */
  int find(int start) {
    int low = 0;
    int high = MOST + 1;
    int next = Math.clamp(start, 1, MOST);
    for (int asked = 1; high - low > 1; asked++) {
      if (fits(next)) {
        low = next;
      } else {
        high = next;
      }
      boolean halve = known.size() < 2 || (asked >= PATIENCE && asked % 2 == 1);
      int guess = halve ? middle(low, high) : onLine(low);
      next = Math.clamp(guess, low + 1, Math.max(low + 1, high - 1));
    }
    return low;
  }

  /** Twice the last one as long as all have fitted. */
  private static int middle(int low, int high) {
    return high > MOST ? Math.max(1, 2 * low) : low + (high - low) / 2;
  }

  /** Where the line through the largest that fits, if one does, and the answer next to it reaches the limit. */
  private int onLine(int low) {
    int a = Math.max(low, known.firstKey());
    Integer above = known.higherKey(a);
    int b = above == null ? known.lowerKey(a) : above;
    double slope = ((double) known.get(b) - known.get(a)) / (b - a);
    double guess = slope <= 0 ? MOST : a + (capacity - known.get(a)) / slope;
    return (int) Math.clamp(Math.floor(guess), 0, MOST + 1.0);
  }

  private boolean fits(int batch) {
    long needed = bytes.applyAsLong(batch);
    if (needed != TOO_LARGE) {
      known.put(batch, needed);
    }
    return needed <= capacity && needed != TOO_LARGE;
  }
}
