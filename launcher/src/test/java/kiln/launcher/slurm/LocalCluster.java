package kiln.launcher.slurm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.JavaCommand;
import kiln.launcher.KilnProcess;
import kiln.launcher.Launcher;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import org.junit.jupiter.api.Assumptions;

/**
 * The cluster of {@code slurm/local-cluster.sh}, in a folder of its own, and beside it a home of Kiln whose {@code ./kiln} runs
 * the classes of this test, so that no job builds anything.
 */
final class LocalCluster implements AutoCloseable {
  private static final Path SCRIPTS =
      Path.of(System.getProperty("kiln.root", "..")).toAbsolutePath().normalize().resolve("slurm");
  private static final Path SCRIPT = SCRIPTS.resolve("local-cluster.sh");

  private final Path folder;
  private final Thread atExit = new Thread(this::down);

  private LocalCluster(Path folder) {
    this.folder = folder;
  }

  /** Skips {@code test}, aloud, where there is no SLURM or this user may not start it. */
  static void assumePossible(Class<?> test) {
    try (KilnProcess check = KilnProcess.start(Map.of(), List.of("bash", SCRIPT.toString(), "check"))) {
      Outcome outcome = check.await();
      if (outcome.status() != 0) {
        System.err.print("SKIPPED: " + test.getSimpleName() + ": " + outcome.err());
        Assumptions.abort(outcome.err());
      }
    }
  }

  /** Starts one, which {@link #close} ends, or at the latest the end of this JVM. */
  static LocalCluster up(int nodes, int processors) {
    try {
      LocalCluster cluster = new LocalCluster(Files.createTempDirectory("kiln-slurm"));
      Runtime.getRuntime().addShutdownHook(cluster.atExit);
      String classes = System.getProperty("java.class.path");
      String launcher = Launcher.class.getName();
      String run =
          "exec '%s' %s --enable-native-access=ALL-UNNAMED -cp '%s' %s \"$@\"\n"
              .formatted(JavaCommand.java(), KilnProcess.QUICK, classes, launcher);
      cluster.makeHome("home", "[ \"$1\" != build ] || exit 0\n" + run);
      cluster.script("up", Integer.toString(nodes), Integer.toString(processors));
      return cluster;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A home of Kiln whose {@code ./kiln} is a shell script. */
  Path makeHome(String name, String script) {
    try {
      Path home = Files.createDirectory(folder.resolve(name));
      Files.createSymbolicLink(home.resolve("slurm"), SCRIPTS);
      Path kiln = Files.writeString(home.resolve("kiln"), "#!/bin/sh\n" + script);
      if (!kiln.toFile().setExecutable(true)) {
        throw new IOException("cannot make executable: " + kiln);
      }
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where a test's jobs may write; the jobs' logs lie there too. */
  Path folder() {
    return folder;
  }

  /** Calls {@code slurm/local-cluster.sh}. */
  Outcome script(String... arguments) {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    command.addAll(List.of(arguments));
    Outcome outcome = run(Map.of(), command);
    if (outcome.status() != 0) {
      throw new AssertionError(outcome.toString());
    }
    return outcome;
  }

  /** Runs a command of SLURM, with the variables that {@code slurm/local-cluster.sh env} prints. */
  Outcome slurm(Map<String, String> variables, String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("bash", "-c", "eval \"$(\"$0\" env)\" && exec \"$@\"", SCRIPT.toString()));
    command.addAll(List.of(arguments));
    return run(variables, command);
  }

  private Outcome run(Map<String, String> variables, List<String> command) {
    Map<String, String> all = new HashMap<>(variables);
    all.put("KILN_SLURM", folder.resolve("state").toString());
    try (KilnProcess process = KilnProcess.start(all, command)) {
      return process.await();
    }
  }

  /**
   * Submits a batch script.
   *
   * @param name of its log files, and of the job
   * @param script of the folder {@code slurm}
   * @param options of sbatch
   */
  SlurmJob submit(String name, String script, List<String> options, Map<String, String> variables, String... arguments) {
    List<String> command = new ArrayList<>(List.of("sbatch", "--parsable", "--job-name=" + name));
    command.add("--output=" + folder.resolve(name + "-%A_%a.log"));
    command.addAll(options);
    command.add(folder.resolve("home").resolve("slurm").resolve(script).toString());
    command.addAll(List.of(arguments));
    Outcome outcome = slurm(variables, command.toArray(String[]::new));
    if (outcome.status() != 0) {
      throw new AssertionError(outcome.toString());
    }
    return new SlurmJob(this, name, outcome.out().strip());
  }

  private void down() {
    script("down");
    TinyRuns.delete(folder);
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    down();
  }
}
