package kiln.bench.gpu.check;

import java.util.List;
import kiln.model.Comparison;

/**
 * What a case has found.
 *
 * @param comparisons all that were made
 * @param facts what else there is to say
 */
record Findings(List<Comparison> comparisons, List<Fact> facts) {
  /**
   * Something measured or seen.
   *
   * @param what it is of
   * @param value with its unit
   */
  record Fact(String what, String value) {}

  static Findings compared(Runnable checks) {
    return new Findings(Comparison.collect(checks), List.of());
  }

  static Findings facts(List<Fact> facts) {
    return new Findings(List.of(), facts);
  }
}
