package kiln.bench.chaos;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Runs that are killed again and again, gone on with each time, until they are complete. */
final class KillCampaign {
  private static final int KILLED = 128 + 9;

  /** Steps after the first one in which a process is killed. */
  private static final int WINDOW = 40;

  private final Workbench bench;
  private final RandomGenerator random;
  private final PrintStream out;
  private double startSeconds = 4; // until the first step, by what the last ones took
  private double stepSeconds = 0.05;
  private double saveSeconds = 0.1;
  private int atStart;
  private int inSave;
  private int ofSupervisor;
  private int numRuns;

  KillCampaign(Workbench bench, RandomGenerator random, PrintStream out) {
    this.bench = bench;
    this.random = random;
    this.out = out;
  }

  /** Kills {@code count} times. */
  Tally run(RunCase c, int count) throws IOException {
    Tally tally = new Tally("kill -9, " + c.name());
    bench.expected(c);
    long began = System.nanoTime();
    int left = count;
    while (left > 0) {
      left -= oneRun(c, left, tally);
    }
    tally.took((System.nanoTime() - began) * 1e-9);
    tally.note(
        String.format(
            Locale.ROOT, "%d before the first step, %d inside a save, %d of the supervisor; %d runs compared",
            atStart, inSave, ofSupervisor, numRuns));
    return tally;
  }

  /**
   * One run from its beginning to its end.
   *
   * @return kills
   */
  private int oneRun(RunCase c, int most, Tally tally) throws IOException {
    int kills = 0;
    try (Trial trial = new Trial(bench, c)) {
      try {
        boolean complete = false;
        while (!complete && kills < most) {
          Kill kill = Kill.draw(random);
          if (c.mpi() && kill.rank() == Kill.SUPERVISOR) {
            kill = new Kill(0, kill.insideSave(), kill.fraction()); // mpirun is not ours to try
          }
          complete = attempt(c, trial, kill);
          kills += complete ? 0 : 1;
        }
        tally.injected(kills);
        if (!complete) {
          trial.finish();
        } else {
          trial.compare();
        }
        numRuns++;
        tally.survived(kills);
        out.println(c.name() + ": complete after " + kills + " kills, and every bit is the undisturbed run's");
      } catch (NotSurvivedException e) {
        tally.failed(c.name() + ": " + e.getMessage());
        out.println("NOT SURVIVED " + e.getMessage());
        kills = Math.max(kills, 1);
      }
      tally.lost(trial.lost());
    }
    return kills;
  }

  /** Whether the run was complete before it could be killed. */
  private boolean attempt(RunCase c, Trial trial, Kill kill) throws IOException {
    try (SaveWatch watch = SaveWatch.of(trial.run());
        Job job = trial.start()) {
      ProcessHandle victim = awaitInstant(job, kill, watch);
      boolean killed = job.isAlive();
      boolean saving = watch.isSaving();
      Shell.signal(victim, "KILL");
      int status = job.await(Job.PROMPTLY);
      trial.note(job);
      learn(job, watch);
      if (status == 0) {
        return true;
      }
      if (!killed) {
        throw new NotSurvivedException("it ended by itself with status " + status + ": " + job.tail());
      }
      Trial.requireNoTrace(job);
      boolean supervisor = victim.equals(job.supervisor());
      if (!supervisor && !c.mpi()) {
        String line = "rank " + kill.rank() + " of " + RunCase.RANKS + " was killed by signal 9 (KILL)";
        boolean told = status == KILLED && job.complaints().size() == 1;
        Trial.require(told, "expected status 137 and one line, found " + status, job);
        Trial.require(job.complaints().getFirst().contains(line), "expected '" + line + "'", job);
      }
      atStart += job.steps().isEmpty() ? 1 : 0;
      inSave += saving ? 1 : 0;
      ofSupervisor += supervisor ? 1 : 0;
      out.printf(
          Locale.ROOT, "%-10s after %5.2f s, step %4d%s%n",
          supervisor ? "supervisor" : kill.who(), job.seconds(), trial.reached(),
          saving ? ", inside a save" : "");
      return false;
    }
  }

  /** Waits until it is time, and finds out who is there to be killed: before there is a rank, its supervisor. */
  private ProcessHandle awaitInstant(Job job, Kill kill, SaveWatch watch) {
    double after;
    if (kill.insideSave() > 0) {
      while (job.isAlive() && !watch.hasBegun(kill.insideSave())) {
        Pause.millis(1);
      }
      after = kill.fraction() * saveSeconds;
    } else {
      after = kill.fraction() * (startSeconds + WINDOW * stepSeconds);
    }
    long until = System.nanoTime() + (long) (1e9 * after);
    while (job.isAlive() && System.nanoTime() < until) {
      Pause.millis(1);
    }
    job.seen();
    return kill.rank() == Kill.SUPERVISOR ? job.supervisor() : job.rank(kill.rank()).orElse(job.supervisor());
  }

  /** How long things take here and now, so that instants are spread over all of a process's life. */
  private void learn(Job job, SaveWatch watch) {
    List<Job.Step> steps = job.steps();
    if (!steps.isEmpty()) {
      startSeconds = Math.max(1, job.seconds() - (System.nanoTime() - steps.getFirst().nanos()) * 1e-9);
    } else {
      startSeconds = Math.max(startSeconds, job.seconds()); // it was killed before, so it takes longer than that
    }
    if (steps.size() > WINDOW / 4) {
      Job.Step first = steps.getFirst();
      Job.Step last = steps.getLast();
      stepSeconds = (last.nanos() - first.nanos()) * 1e-9 / (last.number() - first.number());
    }
    if (watch.saves().stream().anyMatch(save -> save.ended() != 0)) {
      saveSeconds = watch.typicalSeconds();
    }
  }
}
