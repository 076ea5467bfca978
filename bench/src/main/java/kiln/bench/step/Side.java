package kiln.bench.step;

import java.util.List;
import java.util.Locale;

/**
 * What one side did in all rounds.
 *
 * @param seconds of every timed run, ascending
 * @param last the last process's outcome
 * @param peakBytes of the process that took most
 */
record Side(List<Double> seconds, Outcome last, long peakBytes) {
  private static final double GIGA = 1e9;

  static Side of(List<Outcome> outcomes) {
    List<Double> seconds = outcomes.stream().flatMap(o -> o.seconds().stream()).sorted().toList();
    long peak = outcomes.stream().mapToLong(Outcome::peakBytes).max().orElse(0);
    return new Side(seconds, outcomes.getLast(), peak);
  }

  double median() {
    int n = seconds.size();
    return (seconds.get((n - 1) / 2) + seconds.get(n / 2)) / 2;
  }

  double gigabytes() {
    return peakBytes / GIGA;
  }

  /** As in {@code 2.706 s (2.691–2.733)}. */
  String time() {
    return String.format(Locale.ROOT, "%.3f s (%.3f–%.3f)", median(), seconds.getFirst(), seconds.getLast());
  }
}
