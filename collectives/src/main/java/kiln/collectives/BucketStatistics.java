package kiln.collectives;

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
