package kiln.bench.step;

import java.util.List;
import java.util.Locale;

/**
 * What one side did in all rounds.
 *
 * @param firstSeconds of the first, untimed run of every process, ascending
 * @param seconds of every timed run, ascending
 * @param last the last process's outcome
 * @param peakBytes of the process that took most
 */
record Side(List<Double> firstSeconds, List<Double> seconds, Outcome last, long peakBytes) {
  private static final double GIGA = 1e9;

  static Side of(List<Outcome> outcomes) {
    List<Double> first = outcomes.stream().map(Outcome::firstSeconds).sorted().toList();
    List<Double> seconds = outcomes.stream().flatMap(o -> o.seconds().stream()).sorted().toList();
    long peak = outcomes.stream().mapToLong(Outcome::peakBytes).max().orElse(0);
    return new Side(first, seconds, outcomes.getLast(), peak);
  }

  double median() {
    return median(seconds);
  }

  double medianFirst() {
    return median(firstSeconds);
  }

  private static double median(List<Double> ascending) {
    int n = ascending.size();
    return (ascending.get((n - 1) / 2) + ascending.get(n / 2)) / 2;
  }

  double gigabytes() {
    return peakBytes / GIGA;
  }

  /** As in {@code 2.706 s (2.691–2.733)}. */
  String time() {
    return String.format(Locale.ROOT, "%.3f s (%.3f–%.3f)", median(), seconds.getFirst(), seconds.getLast());
  }
}
