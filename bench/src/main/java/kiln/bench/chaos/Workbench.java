package kiln.bench.chaos;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.bindings.JavaCommand;
import kiln.collectives.mpi.OpenMpiInstallation;
import kiln.launcher.Launcher;
import kiln.launcher.checkpoint.DurableFiles;

/** Where runs happen: a small data set, a frozen autoencoder, how to start a run, and how each ends if nobody disturbs it. */
final class Workbench implements AutoCloseable {
  /** Compiles less, so that the many processes here are up in half the time; ranks inherit it, undisturbed runs have it too. */
  private static final String QUICK = "-XX:TieredStopAtLevel=1";

  private final Path root;
  private final Map<String, FinalState> expected = new HashMap<>();
  private int numRuns;

  private Workbench(Path root) {
    this.root = root;
  }

  /** Prepares all in a new folder. */
  static Workbench open(Path parent) throws IOException {
    Files.createDirectories(parent);
    Path root = Files.createTempDirectory(parent, "kiln-chaos-");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x")); // another user's runs read it
    Workbench bench = new Workbench(root.toRealPath());
    bench.finish(
        List.of(
            "data", "typography", "--out", bench.data().toString(), "--count", "64", "--validation-count", "16",
            "--block-size", "8", "--caption-length", "32"));
    bench.finish(
        List.of(
            "train", "--preset", "tiny-vae", "--backend", "cpu", "--data", bench.data().toString(), "--out", bench.vae().toString(),
            "--steps", "2"));
    return bench;
  }

  private void finish(List<String> arguments) throws IOException {
    try (Job job = Job.start(kiln(arguments), environment())) {
      if (job.await(Job.LONG) != 0) {
        throw new NotSurvivedException("what all runs need cannot be prepared: " + job.tail());
      }
    }
  }

  Path root() {
    return root;
  }

  Path data() {
    return root.resolve("data");
  }

  Path vae() {
    return root.resolve("vae");
  }

  /** The folder of a run that is still to be made. */
  synchronized Path newRun() {
    return root.resolve("run-" + numRuns++);
  }

  /** Starts a run, or goes on with it. */
  Job start(RunCase c, Path run, String... more) throws IOException {
    return Job.start(command(c, run, more), environment());
  }

  /** The whole command. */
  List<String> command(RunCase c, Path run, String... more) {
    List<String> arguments = c.arguments(this);
    arguments.addAll(List.of("--out", run.toString()));
    arguments.addAll(List.of(more));
    List<String> command = new ArrayList<>();
    if (c.mpi()) {
      command.addAll(List.of("mpirun", "--bind-to", "none", "--mca", "rmaps_base_oversubscribe", "1"));
      command.addAll(List.of("-np", Integer.toString(RunCase.RANKS)));
    }
    command.addAll(kiln(arguments));
    return command;
  }

  private static List<String> kiln(List<String> arguments) {
    return JavaCommand.of(Launcher.class, List.of("-Xmx256m", QUICK, "-XX:+UseSerialGC", "-Djava.awt.headless=true"), arguments);
  }

  static Map<String, String> environment() {
    Map<String, String> variables = new HashMap<>();
    variables.put("OMP_WAIT_POLICY", "passive"); // more threads than cores: those that wait must not burn one
    variables.put("OMPI_MCA_mpi_yield_when_idle", "1");
    variables.put("OMPI_ALLOW_RUN_AS_ROOT", "1");
    variables.put("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    return variables;
  }

  /** Whether ranks can be started by mpirun here. */
  static boolean hasMpi() {
    return OpenMpiInstallation.find(System.getenv()).isPresent()
        && Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "mpirun")));
  }

  /** How a run ends that nobody disturbs. Runs that differ in how often they save end alike. */
  FinalState expected(RunCase c) throws IOException {
    String key = c.steps() + " " + c.mpi() + " " + c.more();
    FinalState known = expected.get(key);
    if (known == null) {
      Path run = newRun();
      try (Job job = start(c, run)) {
        if (job.await(Job.LONG) != 0) {
          throw new NotSurvivedException("the undisturbed run failed: " + job.tail());
        }
      }
      known = FinalState.read(run, c.steps());
      if (known.steps().size() != c.steps() || known.tensors().size() < 100) {
        throw new NotSurvivedException("the undisturbed run has too little to compare: " + known.tensors().size() + " tensors");
      }
      expected.put(key, known);
      DurableFiles.deleteTree(run);
    }
    return known;
  }

  /**
   * Compares a finished run with the undisturbed one.
   *
   * @throws NotSurvivedException if one bit differs
   */
  void compare(RunCase c, Path run) throws IOException {
    FinalState wanted = expected(c);
    wanted.difference(FinalState.read(run, c.steps())).ifPresent(difference -> {
      throw new NotSurvivedException(run + " has not ended as the undisturbed run: " + difference);
    });
  }

  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : (Iterable<Path>) tree::iterator) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  /** Deletes data and autoencoder, and the folder if no run that failed is left in it to be looked at. */
  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(data());
    DurableFiles.deleteTree(vae());
    try (Stream<Path> left = Files.list(root)) {
      if (left.findAny().isEmpty()) {
        Files.delete(root);
      }
    }
  }
}
