package kiln.launcher.control;

import java.util.Arrays;
import java.util.Optional;
import java.util.TreeMap;

/** Rank 0's collection of how the ranks' time went, interval by interval. Used by several threads. */
final class PaceBoard {
  /** Intervals that are kept while some ranks have not yet told theirs. */
  private static final int MAX_OPEN = 16;

  private final int size;
  private final TreeMap<Long, long[]> open = new TreeMap<>(); // by step: nanoseconds of computing per rank, -1 if not told
  private SlowestRank newest;

  PaceBoard(int size) {
    this.size = size;
  }

  synchronized void add(int rank, ControlMessage.Pace pace) {
    long[] nanos = open.computeIfAbsent(pace.step(), _ -> newInterval());
    nanos[rank] = Math.max(0, pace.computeNanos());
    if (Arrays.stream(nanos).allMatch(n -> n >= 0)) {
      newest = SlowestRank.of(pace.step(), nanos);
      open.headMap(pace.step(), true).clear();
    } else if (open.size() > MAX_OPEN) {
      open.pollFirstEntry();
    }
  }

  private long[] newInterval() {
    long[] nanos = new long[size];
    Arrays.fill(nanos, -1);
    return nanos;
  }

  /** Of the newest interval that all ranks have told of; once. */
  synchronized Optional<SlowestRank> takeNewest() {
    Optional<SlowestRank> taken = Optional.ofNullable(newest);
    newest = null;
    return taken;
  }
}
