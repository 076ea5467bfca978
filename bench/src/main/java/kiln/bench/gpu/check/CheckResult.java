package kiln.bench.gpu.check;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import kiln.model.Comparison;

/**
 * What came of a check.
 *
 * @param check as users type it
 * @param cases of those that ran, all
 * @param worst of all comparisons; null if none was made
 */
record CheckResult(String check, String title, boolean passed, double seconds, Comparison worst, List<CaseResult> cases) {
  /** A check without cases has checked nothing. */
  static CheckResult of(Check check, double seconds, List<CaseResult> cases) {
    Comparison worst = cases.stream().map(CaseResult::worst).filter(Objects::nonNull).max(CaseResult.BADNESS).orElse(null);
    boolean passed = !cases.isEmpty() && cases.stream().allMatch(CaseResult::passed);
    return new CheckResult(check.toString(), check.title(), passed, seconds, worst, cases);
  }

  /** Numbers of cases and comparisons, as in {@code 96 cases, 410 comparisons}. */
  String counts() {
    int comparisons = cases.stream().mapToInt(CaseResult::comparisons).sum();
    return cases.size() + (cases.size() == 1 ? " case" : " cases") + (comparisons == 0 ? "" : ", " + comparisons + " comparisons");
  }

  /** The worst error beside its bound. */
  String worstLine() {
    return worst == null
        ? ""
        : String.format(Locale.ROOT, "%.2g of %.2g allowed: %s", worst.difference(), worst.bound(), worst.what());
  }
}
