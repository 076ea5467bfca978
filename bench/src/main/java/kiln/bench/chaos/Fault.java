package kiln.bench.chaos;

import java.io.IOException;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Something that goes wrong, and what must come of it. */
interface Fault {
  /** What it is called in the table. */
  String name();

  /** Why it cannot be brought about here; empty if it can. */
  default Optional<String> obstacle(Workbench bench) {
    return Optional.empty();
  }

  /**
   * Brings it about in a run of its own, and goes on with the run to its end.
   *
   * @throws NotSurvivedException if anything else comes of it than what must
   */
  Result inject(Workbench bench, RandomGenerator random) throws IOException;

  /**
   * What came of it.
   *
   * @param lostSteps that had to be taken again
   * @param note what else was seen
   */
  record Result(long lostSteps, String note) {}
}
