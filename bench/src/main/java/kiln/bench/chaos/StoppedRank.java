package kiln.bench.chaos;

import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A rank that is stopped by SIGSTOP at any instant, inside a save too. If it stays so, the watchdog of the others ends the job;
 * if it goes on in time, nothing happens.
 */
record StoppedRank(RunCase c, boolean goesOn) implements Fault {
  private static final double SHORT_SECONDS = 1.5;
  private static final String TIMEOUT = "4s";

  static List<Fault> all(RunCase c) {
    return List.of(new StoppedRank(c, false), new StoppedRank(c, true));
  }

  @Override
  public String name() {
    return goesOn ? "rank stopped for 1.5 s (SIGSTOP, SIGCONT)" : "rank stopped for good (SIGSTOP)";
  }

  @Override
  public Result inject(Workbench bench, RandomGenerator random) throws IOException {
    int rank = random.nextInt(RunCase.RANKS);
    try (Trial trial = new Trial(bench, c)) {
      try (SaveWatch watch = SaveWatch.of(trial.run());
          Job job = trial.start("--heartbeat-timeout", TIMEOUT)) {
        if (random.nextBoolean()) {
          job.await("save 2", () -> watch.hasBegun(2));
          Pause.seconds(random.nextDouble() * watch.typicalSeconds());
        } else {
          job.awaitStep(1 + random.nextInt(c.steps() / 2));
        }
        ProcessHandle victim = job.rank(rank).orElseThrow();
        job.seen();
        Shell.signal(victim, "STOP");
        if (goesOn) {
          Pause.seconds(SHORT_SECONDS);
          Shell.signal(victim, "CONT");
          trial.finish(job);
          return new Result(trial.lost(), "the same processes went on");
        }
        trial.awaitFailure(job, "lost rank " + rank, "no heartbeat");
      }
      trial.finish();
      return new Result(trial.lost(), "");
    }
  }
}
