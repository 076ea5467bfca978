package kiln.collectives;

import java.util.Locale;

/**
 * What the reduction of gradients cost.
 *
 * @param numBuckets reduced
 * @param bytes reduced
 * @param communicationNanos while a bucket was under way, waiting for other ranks included
 * @param waitingNanos for which the step stood still, that is, what was not hidden behind the backward pass
 */
public record BucketStatistics(long numBuckets, long bytes, long communicationNanos, long waitingNanos) {
  public static final BucketStatistics NONE = new BucketStatistics(0, 0, 0, 0);

  /** Share of the communication that ran beside the backward pass, 0 to 1; 1 if there was none. */
  public double hiddenShare() {
    return communicationNanos == 0 ? 1 : Math.max(0, 1 - (double) waitingNanos / communicationNanos);
  }

  /**
   * As in {@code gradients: 599.6 MB a step in 72 buckets, 130.0 ms under way, 93 % of that hidden behind backward}.
   *
   * @param steps over which this was measured
   */
  public String describe(long steps) {
    return String.format(
        Locale.ROOT,
        "gradients: %.1f MB a step in %d buckets, %.1f ms under way, %.0f %% of that hidden behind backward",
        bytes / 1e6 / steps,
        numBuckets / steps,
        communicationNanos / 1e6 / steps,
        100 * hiddenShare());
  }

  public BucketStatistics plus(BucketStatistics other) {
    return new BucketStatistics(
        numBuckets + other.numBuckets,
        bytes + other.bytes,
        communicationNanos + other.communicationNanos,
        waitingNanos + other.waitingNanos);
  }

  /** What came after {@code earlier}. */
  public BucketStatistics minus(BucketStatistics earlier) {
    return new BucketStatistics(
        numBuckets - earlier.numBuckets,
        bytes - earlier.bytes,
        communicationNanos - earlier.communicationNanos,
        waitingNanos - earlier.waitingNanos);
  }
}
