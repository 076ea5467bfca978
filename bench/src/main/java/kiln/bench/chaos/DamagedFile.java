package kiln.bench.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The newest checkpoint of an interrupted run is damaged: the run goes on from the one before, after a warning that names the file.
 *
 * @param runs one of them is drawn
 */
record DamagedFile(List<InterruptedRun> runs, Damage damage) implements Fault {
  @Override
  public String name() {
    return damage.title();
  }

  @Override
  public Result inject(Workbench bench, RandomGenerator random) throws IOException {
    InterruptedRun run = runs.get(random.nextInt(runs.size()));
    try (Trial trial = run.copy(bench)) {
      Path checkpoint = trial.checkpoints().resolve(run.newest());
      Path file = damage.spoilOne(checkpoint, random);
      try (Job job = trial.start()) {
        trial.finish(job);
        String name = file.getFileName().toString();
        Optional<String> warning =
            job.lines().stream().filter(line -> line.contains("warning") && line.contains(run.newest()) && line.contains(name)).findFirst();
        Trial.require(warning.isPresent(), "expected a warning that names " + checkpoint.relativize(file) + " of " + run.newest(), job);
      }
      return new Result(trial.lost(), "");
    }
  }
}
