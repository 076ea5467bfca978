package kiln.bench.scaling;

import java.util.List;
import kiln.collectives.AllReduceCost;

/**
 * A network between nodes of one rank each.
 *
 * @param name as in {@code 100 Gb/s}
 * @param latencySeconds α of a message
 * @param bytesPerSecond of one direction
 */
record Link(String name, double latencySeconds, double bytesPerSecond) {
  /** Latencies of messages as MPI has them over TCP, and over adapters that go past the kernel. */
  static final List<Link> ALL =
      List.of(new Link("10 Gb/s", 20e-6, 1.25e9), new Link("100 Gb/s", 5e-6, 12.5e9), new Link("400 Gb/s", 2e-6, 50e9));

  /**
   * An all-reduce of Rabenseifner's kind (Thakur, Rabenseifner and Gropp 2005): reduce-scatter by recursive halving,
   * all-gather by recursive doubling.
   *
   * <pre>
   *   t(bytes) = 2 ⌈log₂ n⌉ α + 2 (n-1)/n · bytes / B + (n-1)/n · bytes · γ
   * </pre>
   *
   * @param reduceSeconds γ, to add a byte to another
   */
  AllReduceCost allReduce(int ranks, double reduceSeconds) {
    double share = (ranks - 1.0) / ranks;
    double log = Math.ceil(Math.log(ranks) / Math.log(2));
    return new AllReduceCost(2 * log * latencySeconds, 1 / (share * (2 / bytesPerSecond + reduceSeconds)));
  }
}
