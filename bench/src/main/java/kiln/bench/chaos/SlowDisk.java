package kiln.bench.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A disk under the checkpoints that writes two megabytes in a second, or stands still for a while: training goes on beside the
 * save, and never are two checkpoints being written.
 *
 * @param stalls whether it stands still (fsfreeze) instead of being slow (a limit of block I/O)
 */
record SlowDisk(RunCase c, boolean stalls) implements Fault {
  private static final int MEGABYTES = 32;
  private static final long BYTES_PER_SECOND = 2_000_000;
  private static final double STALL_SECONDS = 3;

  static List<Fault> all(RunCase c) {
    return List.of(new SlowDisk(c, false), new SlowDisk(c, true));
  }

  @Override
  public String name() {
    return stalls
        ? String.format(Locale.ROOT, "disk stands still for %.0f s (fsfreeze)", STALL_SECONDS)
        : String.format(Locale.ROOT, "slow disk (%d MB/s, cgroup limit)", BYTES_PER_SECOND / 1_000_000);
  }

  @Override
  public Optional<String> obstacle(Workbench bench) {
    Optional<String> disk = SmallDisk.obstacle(bench.root(), true);
    return disk.isEmpty() && !stalls && !SmallDisk.canThrottle()
        ? Optional.of("no limits of block I/O here (blkio of cgroups, version 1)")
        : disk;
  }

  @Override
  public Result inject(Workbench bench, RandomGenerator random) throws IOException {
    try (Trial trial = new Trial(bench, c);
        SmallDisk disk = SmallDisk.ext4(trial.checkpoints(), bench.root().resolve("disk.img"), MEGABYTES)) {
      if (!stalls) {
        disk.slowDown(BYTES_PER_SECOND);
      }
      try (SaveWatch watch = SaveWatch.of(trial.run());
          Job job = trial.start()) {
        if (stalls) {
          int number = 1 + random.nextInt(3);
          job.await("save " + number, () -> watch.hasBegun(number));
          disk.freeze();
          Pause.seconds(STALL_SECONDS);
          disk.thaw();
        }
        trial.finish(job);
        return result(trial, job.steps(), watch);
      }
    }
  }

  private Result result(Trial trial, List<Job.Step> steps, SaveWatch watch) {
    List<SaveWatch.Save> saves = new ArrayList<>(watch.saves());
    SaveWatch.Save longest = saves.getFirst();
    for (SaveWatch.Save save : saves.subList(0, saves.size() - 1)) { // beside the last one nothing is left to be trained
      longest = save.ended() != 0 && save.seconds() > longest.seconds() ? save : longest;
    }
    long from = longest.began();
    long to = longest.ended();
    long beside = steps.stream().filter(step -> step.nanos() > from && step.nanos() < to).count();
    if (watch.mostAtOnce() > 1) {
      throw new NotSurvivedException(watch.mostAtOnce() + " checkpoints were being written at once");
    }
    if (beside < c.saveEvery() / 2) {
      throw new NotSurvivedException(
          String.format(Locale.ROOT, "%d steps beside a save of %.2f s: training waited for it", beside, longest.seconds()));
    }
    String seen =
        String.format(
            Locale.ROOT, "longest save %.2f s, %d steps beside it; %d saves, never 2 at once",
            longest.seconds(), beside, saves.size());
    return new Result(trial.lost(), seen);
  }
}
