package kiln.bench.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Disks that are full or break down under the checkpoints of a run, which must say so in one line, and go on later. */
final class DiskFaults {
  /** Room for three checkpoints of preset tiny, and one that is being written. */
  private static final int MEGABYTES = 24;

  private static final long CHECKPOINT_BYTES = 4L << 20;

  private DiskFaults() {}

  static List<Fault> all(RunCase c) {
    return List.of(new Full(c, false), new Full(c, true), new ReadOnly(c));
  }

  /** No room is left from some instant on. */
  private record Full(RunCase c, boolean ext4) implements Fault {
    @Override
    public String name() {
      return "disk full (" + (ext4 ? "ext4" : "tmpfs") + ")";
    }

    @Override
    public Optional<String> obstacle(Workbench bench) {
      return SmallDisk.obstacle(bench.root(), ext4);
    }

    @Override
    public Result inject(Workbench bench, RandomGenerator random) throws IOException {
      try (Trial trial = new Trial(bench, c);
          SmallDisk disk = disk(bench, trial)) {
        try (Job job = trial.start()) {
          job.awaitLine("saved ");
          disk.fill(random.nextLong(CHECKPOINT_BYTES));
          trial.awaitFailure(job, "checkpoint " + trial.checkpoints(), "No space left on device");
        }
        disk.free();
        trial.finish();
        return new Result(trial.lost(), "");
      }
    }

    private SmallDisk disk(Workbench bench, Trial trial) throws IOException {
      Path at = trial.checkpoints();
      return ext4 ? SmallDisk.ext4(at, bench.root().resolve("disk.img"), MEGABYTES) : SmallDisk.inMemory(at, MEGABYTES);
    }
  }

  /** The file system turns read-only while a checkpoint is being written, as ext4 does when it finds itself damaged. */
  private record ReadOnly(RunCase c) implements Fault {
    /** The second one is for what was just being flushed to the disk. */
    private static final List<String> REASONS = List.of("Read-only file system", "Input/output error");

    @Override
    public String name() {
      return "read-only remount during a save (ext4)";
    }

    @Override
    public Optional<String> obstacle(Workbench bench) {
      return SmallDisk.obstacle(bench.root(), true);
    }

    @Override
    public Result inject(Workbench bench, RandomGenerator random) throws IOException {
      try (Trial trial = new Trial(bench, c);
          SmallDisk disk = SmallDisk.ext4(trial.checkpoints(), bench.root().resolve("disk.img"), MEGABYTES)) {
        try (SaveWatch watch = SaveWatch.of(trial.run());
            Job job = trial.start()) {
          int number = 2 + random.nextInt(2);
          job.await("save " + number, () -> watch.hasBegun(number));
          Pause.seconds(random.nextDouble() * watch.typicalSeconds());
          disk.breakDown();
          String line = trial.awaitFailure(job, "checkpoint", trial.checkpoints().toString());
          boolean why = REASONS.stream().anyMatch(line::contains);
          Trial.require(why, "expected one of " + REASONS + " in the line for the user", job);
        }
        disk.repair();
        trial.finish();
        return new Result(trial.lost(), "");
      }
    }
  }
}
