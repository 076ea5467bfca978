package kiln.bench.scaling;

import java.util.ArrayList;
import java.util.List;
import kiln.collectives.AllReduceCost;

/**
 * How long a data-parallel training step takes (bench/SCALING.md has the formulas). Forward and backward take what they take
 * on one rank; gradients become final in a known order and go off in buckets; a bucket begins when it is complete and the
 * one before it is done.
 *
 * <pre>
 *   end(i) = max(ready(i), end(i-1)) + α + bytes(i) / β
 *   step   = max(computing + σ Σ (α + bytes(i) / β), end(last)) + updating
 * </pre>
 *
 * @param computing seconds of forward and backward over all micro-batches
 * @param updating seconds of norm and optimizer
 * @param ready seconds from the step's begin until each gradient is final, ascending
 * @param bytes of each gradient
 */
record StepModel(double computing, double updating, double[] ready, long[] bytes) {
  /**
   * From a measurement on one rank with one micro-batch, with other compute times.
   *
   * @param computing seconds of forward and backward over all micro-batches
   * @param last seconds of those of the last micro-batch
   */
  static StepModel of(StepTimes one, double computing, double last, double updating) {
    double stretch = last / (one.forward() + one.backward()[one.backward().length - 1]); // the last gradient ends backward
    double[] ready = new double[one.backward().length];
    for (int i = 0; i < ready.length; i++) {
      ready[i] = computing - last + stretch * (one.forward() + one.backward()[i]);
    }
    return new StepModel(computing, updating, ready, one.bytes());
  }

  /** The same with other times: of computing, and when gradients are final, and of updating. */
  StepModel scaled(double computeFactor, double updateFactor) {
    double[] other = new double[ready.length];
    for (int i = 0; i < other.length; i++) {
      other[i] = ready[i] * computeFactor;
    }
    return new StepModel(computing * computeFactor, updating * updateFactor, other, bytes);
  }

  /** The same network made larger: as many gradients, whose bytes are {@code factor} times as many. */
  StepModel enlarged(double factor) {
    long[] larger = new long[bytes.length];
    for (int i = 0; i < larger.length; i++) {
      larger[i] = Math.round(bytes[i] * factor);
    }
    return new StepModel(computing, updating, ready, larger);
  }

  long totalBytes() {
    long total = 0;
    for (long each : bytes) {
      total += each;
    }
    return total;
  }

  /**
   * Seconds of a step.
   *
   * @param overlaps as in {@link kiln.collectives.GradientBuckets#overlap}
   * @param share σ: of the time that communication takes the core that computes, 0 to 1; 1 where ranks copy and add through
   *     shared memory and no core is left over, 0 where adapters and other cores do the work
   */
  double seconds(AllReduceCost cost, long bucketBytes, boolean overlaps, double share) {
    double busy = buckets(bucketBytes).stream().mapToDouble(bucket -> cost.seconds(bucket.bytes)).sum();
    double all = overlaps ? computing + share * busy : computing;
    return Math.max(all, lastEnd(cost, bucketBytes, overlaps)) + updating;
  }

  /** Seconds of a step of one rank alone. */
  double alone() {
    return computing + updating;
  }

  private double lastEnd(AllReduceCost cost, long bucketBytes, boolean overlaps) {
    double end = 0;
    for (Bucket bucket : buckets(bucketBytes)) {
      double start = overlaps ? bucket.ready : computing;
      end = Math.max(start, end) + cost.seconds(bucket.bytes);
    }
    return end;
  }

  private record Bucket(double ready, double bytes) {}

  /** Whole gradients in the order in which they become final, which is nearly how the trainer cuts them. */
  private List<Bucket> buckets(long bucketBytes) {
    List<Bucket> buckets = new ArrayList<>();
    double size = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (size > 0 && size + bytes[i] > bucketBytes) {
        buckets.add(new Bucket(ready[i - 1], size));
        size = 0;
      }
      size += bytes[i];
    }
    buckets.add(new Bucket(ready[bytes.length - 1], size));
    return buckets;
  }
}
