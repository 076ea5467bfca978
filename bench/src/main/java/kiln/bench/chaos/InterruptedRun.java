package kiln.bench.chaos;

import java.io.IOException;
import java.nio.file.Path;
import kiln.launcher.checkpoint.RunFolder;

/**
 * A run that was killed when it had at least two checkpoints; copies of it are damaged.
 *
 * @param folder of the run
 * @param newest its newest valid checkpoint, by its folder's name
 * @param step of that
 */
record InterruptedRun(RunCase c, Path folder, String newest, long step) {
  static InterruptedRun make(Workbench bench, RunCase c) throws IOException {
    Path run = bench.newRun();
    try (Job job = bench.start(c, run)) {
      long third = 3L * c.saveEvery();
      job.awaitStep(third + 1);
      job.await("third checkpoint", () -> job.lines().stream().filter(line -> line.startsWith("saved ")).count() >= 3);
      job.seen();
      Shell.signal(job.supervisor(), "KILL");
      job.await(Job.PROMPTLY);
    }
    Path newest = new RunFolder(run).latest().orElseThrow();
    return new InterruptedRun(c, run, newest.getFileName().toString(), RunFolder.step(newest));
  }

  /** A copy of it, which may be spoiled. */
  Trial copy(Workbench bench) throws IOException {
    Path copy = bench.newRun();
    Workbench.copy(folder, copy);
    Trial trial = new Trial(bench, c, copy);
    trial.reached(step);
    return trial;
  }
}
