package kiln.bench.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The newest checkpoint of an interrupted run is damaged: the run goes on from the one before, after a warning that names the
 * file.
 *
 * @param runs one of them is drawn
 */
record DamagedFile(List<InterruptedRun> runs, Damage damage) implements Fault {
  @Override
  public String name() {
    return damage.title();
  }

  private Stream<String> warnings(Job job) {
    return job.lines().stream().filter(line -> line.startsWith("kiln: warning: ") && line.contains("damaged"));
  }

  @Override
  public Result inject(Workbench bench, RandomGenerator random) throws IOException {
    InterruptedRun run = runs.get(random.nextInt(runs.size()));
    try (Trial trial = run.copy(bench)) {
      Path checkpoint = trial.checkpoints().resolve(run.newest());
      Path file = damage.spoilOne(checkpoint, random);
      try (Job job = trial.start()) {
        trial.finish(job);
        // What a manifest says of a file may be wrong of either.
        String name = damage == Damage.MANIFEST ? run.newest() : checkpoint.relativize(file).toString();
        Trial.require(warnings(job).anyMatch(line -> line.contains(name)), "expected a warning that names " + name, job);
      }
      return new Result(trial.lost(), "");
    }
  }
}
