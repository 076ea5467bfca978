package kiln.bench.chaos;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** One kind of fault, several times. */
final class FaultCampaign {
  private FaultCampaign() {}

  static Tally run(Workbench bench, Fault fault, int times, RandomGenerator random, PrintStream out) throws IOException {
    Optional<String> obstacle = fault.obstacle(bench);
    if (obstacle.isPresent()) {
      out.println("SKIPPED " + fault.name() + ": " + obstacle.get());
      return Tally.skipped(fault.name(), obstacle.get());
    }
    Tally tally = new Tally(fault.name());
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      tally.injected(1);
      try {
        Fault.Result result = fault.inject(bench, random);
        tally.survived(1);
        tally.lost(result.lostSteps());
        tally.note(result.note());
        out.println(fault.name() + ": survived, " + result.lostSteps() + " steps lost");
      } catch (NotSurvivedException e) {
        tally.failed(fault.name() + ": " + e.getMessage());
        out.println("NOT SURVIVED " + fault.name() + ": " + e.getMessage());
      }
      tally.took((System.nanoTime() - began) * 1e-9);
    }
    return tally;
  }
}
