package kiln.bench.collectives;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * All-reduces of every size by all sides in turns, so that what disturbs the machine disturbs all of them; medians. Bandwidths
 * are those of nccl-tests: algorithm bandwidth is bytes / time, bus bandwidth is that times 2·(n-1)/n, what a link carries at
 * least.
 */
final class CollectivesBenchmark {
  private static final int WARM_UPS = 2;

  /** Before the first size, per round: until the JVM has compiled what it runs. */
  private static final int FIRST_WARM_UPS = 4;

  private static final long BYTES_PER_TURN = 64 << 20;
  private static final int MAX_TIMES = 50_000;

  private final Map<Side, RankJob> jobs;
  private final int numRanks;
  private final int rounds;
  private final PrintStream out;

  /**
   * @param jobs ranks that measure, of the sides that can be measured
   */
  CollectivesBenchmark(Map<Side, RankJob> jobs, int numRanks, int rounds, PrintStream out) {
    this.jobs = new EnumMap<>(jobs);
    this.numRanks = numRanks;
    this.rounds = rounds;
    this.out = out;
  }

  void run(List<Long> sizes) throws IOException {
    out.printf(
        "%11s  %-12s %12s %12s %9s %9s %10s%n", "bytes", "side", "median us", "fastest us", "alg GB/s", "bus GB/s", "C's time x");
    int warmUps = FIRST_WARM_UPS * rounds;
    for (long bytes : sizes) {
      line(bytes, warmUps);
      warmUps = WARM_UPS;
    }
  }

  private void line(long bytes, int warmUps) throws IOException {
    int times = Math.clamp(BYTES_PER_TURN / bytes, 1, MAX_TIMES);
    Map<Side, double[]> seconds = new EnumMap<>(Side.class);
    for (int round = -warmUps; round < rounds; round++) {
      for (Map.Entry<Side, RankJob> side : jobs.entrySet()) {
        double one = side.getValue().measure(side.getKey().command(bytes, times));
        if (round >= 0) {
          seconds.computeIfAbsent(side.getKey(), s -> new double[rounds])[round] = one;
        }
      }
    }
    double c = seconds.containsKey(Side.C) ? median(seconds.get(Side.C)) : Double.NaN;
    seconds.forEach(
        (side, all) -> {
          double median = median(all);
          double algorithm = bytes / median / 1e9;
          out.printf(
              "%11d  %-12s %12.2f %12.2f %9.3f %9.3f %10s%n",
              bytes,
              side.label(),
              median * 1e6,
              Arrays.stream(all).min().getAsDouble() * 1e6,
              algorithm,
              algorithm * 2 * (numRanks - 1) / numRanks,
              Double.isNaN(c) ? "-" : "%.3f".formatted(median / c));
        });
    out.println();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
