package kiln.bench.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;

/** The pointer to the newest checkpoint points to nowhere, out of the folder, or is not there: the newest valid one counts. */
record LostPointer(List<InterruptedRun> runs) implements Fault {
  private static final List<String> WRONG = List.of("step-999999\n", "", "../../vae\n", "\0\0\0\0", "absent");

  @Override
  public String name() {
    return "latest points to nowhere";
  }

  @Override
  public Result inject(Workbench bench, RandomGenerator random) throws IOException {
    InterruptedRun run = runs.get(random.nextInt(runs.size()));
    try (Trial trial = run.copy(bench)) {
      Path latest = trial.checkpoints().resolve("latest");
      String wrong = WRONG.get(random.nextInt(WRONG.size()));
      if (wrong.equals("absent")) {
        Files.delete(latest);
      } else {
        Files.writeString(latest, wrong);
      }
      trial.finish();
      if (trial.lost() > 0) {
        throw new NotSurvivedException("the newest checkpoint was not found when latest held '" + wrong.strip() + "'");
      }
      return new Result(0, "");
    }
  }
}
