package kiln.bench.chaos;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The folder of the checkpoints may no longer be written to. Root may always, so that root has another user run this. */
record LostPermission(RunCase c) implements Fault {
  private static final String NOBODY = "65534";
  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps=-all");

  @Override
  public String name() {
    return "permission lost (chmod)";
  }

  private static boolean isRoot() {
    return Shell.run("id", "-u").equals("0");
  }

  private static List<String> prefix() {
    return isRoot() ? AS_NOBODY : List.of();
  }

  @Override
  public Optional<String> obstacle(Workbench bench) {
    List<String> paths = new ArrayList<>(List.of(System.getProperty("java.class.path").split(File.pathSeparator)));
    paths.addAll(List.of(System.getProperty("java.home"), bench.data().toString()));
    List<String> command = new ArrayList<>(prefix());
    command.addAll(List.of("sh", "-c", "for path; do test -r \"$path\" || exit 1; done", "sh"));
    command.addAll(paths);
    return Shell.can(command.toArray(String[]::new))
        ? Optional.empty()
        : Optional.of("another user cannot be had, or cannot read the data, the JDK or a jar of the class path");
  }

  private Job start(Workbench bench, Trial trial) throws IOException {
    List<String> command = new ArrayList<>(prefix());
    command.addAll(bench.command(c, trial.run()));
    return Job.start(command, Workbench.environment());
  }

  @Override
  public Result inject(Workbench bench, RandomGenerator random) throws IOException {
    try (Trial trial = new Trial(bench, c)) {
      Path run = Files.createDirectory(trial.run());
      if (isRoot()) {
        Shell.run("chown", NOBODY + ":" + NOBODY, run.toString());
      }
      try (Job job = start(bench, trial)) {
        job.awaitLine("saved ");
        Pause.seconds(random.nextDouble());
        Files.setPosixFilePermissions(trial.checkpoints(), PosixFilePermissions.fromString("r-xr-xr-x"));
        trial.awaitFailure(job, "checkpoint", trial.checkpoints().toString(), "Permission denied");
      }
      Files.setPosixFilePermissions(trial.checkpoints(), PosixFilePermissions.fromString("rwxr-xr-x"));
      try (Job job = start(bench, trial)) {
        trial.finish(job);
      }
      return new Result(trial.lost(), "");
    }
  }
}
