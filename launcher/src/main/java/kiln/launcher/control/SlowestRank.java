package kiln.launcher.control;

import java.util.Arrays;

/**
 * Which rank the others waited for in an interval of steps.
 *
 * @param step the interval's last one
 * @param rank that computed the longest
 * @param excess by which share its time of computing was longer than the median of all ranks: 0.25 for a quarter more
 */
public record SlowestRank(long step, int rank, double excess) {
  /**
   * @param nanos of computing, per rank
   */
  static SlowestRank of(long step, long[] nanos) {
    int slowest = 0;
    for (int rank = 1; rank < nanos.length; rank++) {
      if (nanos[rank] > nanos[slowest]) {
        slowest = rank;
      }
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
    return new SlowestRank(step, slowest, median == 0 ? 0 : nanos[slowest] / median - 1);
  }
}
