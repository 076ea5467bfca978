package kiln.launcher.guard;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Tells losses that jump out of those of the last steps: so many robust standard deviations (1.4826 times the median of the
 * distances from the median, Hampel 1974) above their median. Spikes stay among the last steps, but hardly move a median.
 */
public final class LossSpikes {
  private static final int WINDOW = 100;
  private static final int LEAST = 20; // before that, losses still fall fast
  private static final double NORMAL = 1.4826; // makes it the standard deviation of what is distributed normally

  /** A jump is at least that part of the median: losses that hardly vary at all may vary a little. */
  private static final double LEAST_JUMP = 0.1;

  private final double threshold;
  private final double[] last = new double[WINDOW + 1];
  private long seen;

  /**
   * @param threshold deviations; 0 for no reports
   */
  public LossSpikes(double threshold) {
    this.threshold = threshold;
  }

  /**
   * Takes the loss of the next step.
   *
   * @param loss finite
   * @return a line for the user if it is a spike
   */
  public Optional<String> take(long step, double loss) {
    int count = (int) Math.min(seen, WINDOW);
    last[(int) (seen % last.length)] = loss;
    seen++;
    if (threshold == 0 || count < LEAST) {
      return Optional.empty();
    }
    double[] sorted = before(count);
    double median = sorted[count / 2];
    double[] distances = Arrays.stream(sorted).map(x -> Math.abs(x - median)).sorted().toArray();
    double deviation = Math.max(NORMAL * distances[count / 2], LEAST_JUMP * Math.abs(median) / threshold);
    double found = (loss - median) / deviation;
    if (!(found > threshold)) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "step %d: loss spike: %.4f, %.0f deviations above the median %.4f of the %d steps before",
            step, loss, found, median, count));
  }

  /** The losses before the newest one, ascending. */
  private double[] before(int count) {
    double[] sorted = new double[count];
    for (int i = 0; i < count; i++) {
      sorted[i] = last[(int) ((seen - 2 - i) % last.length)];
    }
    Arrays.sort(sorted);
    return sorted;
  }
}
