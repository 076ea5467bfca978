package kiln.bench.gpu.check;

import java.util.Comparator;
import java.util.List;
import kiln.model.Comparison;

/**
 * What a process says of one case.
 *
 * @param error why it could not be done; null if it could
 * @param comparisons how many were made
 * @param worst the one that came nearest to its bound, or went farthest beyond it; null if none was made
 * @param beyond those beyond their bounds
 */
record CaseResult(
    String name, String error, int comparisons, Comparison worst, List<Comparison> beyond, List<Findings.Fact> facts) {
  /** In the order of how bad they are; what is no number is the worst. */
  static final Comparator<Comparison> BADNESS =
      Comparator.comparingDouble(c -> Double.isNaN(c.ratio()) ? Double.POSITIVE_INFINITY : c.ratio());

  static CaseResult of(String name, Findings found) {
    List<Comparison> beyond = found.comparisons().stream().filter(c -> !c.isWithin()).toList();
    Comparison worst = found.comparisons().stream().max(BADNESS).orElse(null);
    return new CaseResult(name, null, found.comparisons().size(), worst, beyond, found.facts());
  }

  static CaseResult failed(String name, String error) {
    return new CaseResult(name, error, 0, null, List.of(), List.of());
  }

  boolean passed() {
    return error == null && beyond.isEmpty();
  }
}
