package kiln.collectives;

import java.util.Locale;

/**
 * What an all-reduce costs, as Hockney's model of a message has it (Parallel Computing 20, 1994): a latency α for every
 * operation and the time that its bytes take at the bandwidth β.
 *
 * <pre>
 *   t(bytes) = α + bytes / β
 * </pre>
 *
 * @param latencySeconds α
 * @param bytesPerSecond β: bytes of the reduced data, not of what goes over the wire for them
 */
public record AllReduceCost(double latencySeconds, double bytesPerSecond) {
  private static final double MICRO = 1e6;
  private static final double GIGA = 1e-9;

  public AllReduceCost {
    if (!(latencySeconds >= 0 && bytesPerSecond > 0)) {
      throw new IllegalArgumentException("latencySeconds=" + latencySeconds + ", bytesPerSecond=" + bytesPerSecond);
    }
  }

  /** Seconds of one all-reduce. */
  public double seconds(double bytes) {
    return latencySeconds + bytes / bytesPerSecond;
  }

  /**
   * The least squares of the relative errors, so that the short operations, which tell the latency, count as much as the
   * long ones, which tell the bandwidth. Where noise would make one of the two negative, the latency is 0, or the bandwidth
   * that of the largest operation.
   *
   * @param bytes of each measurement, at least two different ones, ascending
   * @param seconds of each, positive
   */
  public static AllReduceCost fit(double[] bytes, double[] seconds) {
    double w = 0;
    double wx = 0;
    double wxx = 0;
    double wy = 0;
    double wxy = 0;
    for (int i = 0; i < bytes.length; i++) {
      double weight = 1 / (seconds[i] * seconds[i]);
      w += weight;
      wx += weight * bytes[i];
      wxx += weight * bytes[i] * bytes[i];
      wy += weight * seconds[i];
      wxy += weight * bytes[i] * seconds[i];
    }
    double determinant = w * wxx - wx * wx;
    double slope = (w * wxy - wx * wy) / determinant;
    double latency = (wxx * wy - wx * wxy) / determinant;
    int last = bytes.length - 1;
    if (!(slope > 0)) {
      return new AllReduceCost(seconds[0], bytes[last] / seconds[last]);
    }
    return latency < 0 ? new AllReduceCost(0, wxx / wxy) : new AllReduceCost(latency, 1 / slope);
  }

  /**
   * The size of buckets that hides most of the reduction of {@code total} bytes behind the backward pass that makes them.
   * Cutting them into total / b buckets costs a latency for each, and the last bucket, which is complete only when backward
   * ends, is hidden by nothing:
   *
   * <pre>
   *   cost(b) = total / b · α + b / β         least at b = √(total · α · β)
   * </pre>
   *
   * @return a power of two, so that runs on the same machines nearly always cut alike, from {@code least} to {@code most}
   *     bytes
   */
  public long bucketBytes(long total, long least, long most) {
    double best = Math.sqrt(total * latencySeconds * bytesPerSecond);
    long power = (long) Math.pow(2, Math.rint(Math.log(Math.max(1, best)) / Math.log(2)));
    return Math.clamp(power, least, most);
  }

  /** As in {@code 35 us + 5.12 GB/s}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.0f us + %.2f GB/s", latencySeconds * MICRO, bytesPerSecond * GIGA);
  }
}
