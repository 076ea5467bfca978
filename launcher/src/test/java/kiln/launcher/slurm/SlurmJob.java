package kiln.launcher.slurm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Launcher;
import kiln.launcher.Outcome;

/**
 * A job that was submitted.
 *
 * @param name of the job and its logs
 * @param id of the job, or of the array that it is
 */
record SlurmJob(LocalCluster cluster, String name, String id) {
  /** What SLURM writes for a number that a job does not have: it is no array's task. */
  private static final String NO_TASK = "4294967294";

  /** Far more than any job of a test takes on a busy machine. */
  private static final Duration LONG = Duration.ofMinutes(4);

  private static final Duration PAUSE = Duration.ofMillis(100);

  /** What the job has said so far. */
  String log() {
    return log(NO_TASK);
  }

  /** The same of an array's task. */
  String log(String task) {
    Path file = cluster.folder().resolve(name + "-" + id + "_" + task + ".log");
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitLog(String text) {
    await("'" + text + "' in its log", () -> allLogs().contains(text));
  }

  /** Waits until SLURM has the job no longer in its queue, waiting, running or ending. */
  void awaitEnd() {
    await("end", () -> cluster.slurm(Map.of(), "squeue", "--noheader", "--jobs=" + id).out().isBlank());
  }

  /** How it ended: state and exit status, as in {@code COMPLETED 0:0}; a line for each task of an array. */
  List<String> ends() {
    Outcome outcome = cluster.slurm(Map.of(), "scontrol", "--oneliner", "show", "job", id);
    return outcome.out().lines().map(line -> value(line, "JobState") + " " + value(line, "ExitCode")).toList();
  }

  private static String value(String line, String field) {
    return Arrays.stream(line.split(" "))
        .filter(word -> word.startsWith(field + "="))
        .map(word -> word.substring(field.length() + 1))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + field + " in " + line));
  }

  void limit(int minutes) {
    cluster.slurm(Map.of(), "scontrol", "update", "JobId=" + id, "TimeLimit=" + minutes);
  }

  /** Sends the batch script, and nobody else, what SLURM warns it with. */
  void warn() {
    cluster.slurm(Map.of(), "scancel", "--batch", "--signal=USR1", id);
  }

  void cancel() {
    cluster.slurm(Map.of(), "scancel", id);
  }

  /** The job's processes that run Kiln: its ranks, and Kiln's supervisor if that has started them. */
  List<ProcessHandle> kilns() {
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      return all.filter(process -> commandLine(process).contains(Launcher.class.getPackageName()))
          .filter(process -> has(process, "SLURM_JOB_ID=" + id) || has(process, "SLURM_ARRAY_JOB_ID=" + id))
          .toList();
    }
  }

  /** Stops all of them in their tracks, so that a test does not race with a run that takes a second. */
  void freeze() {
    kilns().forEach(process -> KilnProcess.signal(process, "STOP"));
  }

  /** Lets them go on. */
  void thaw() {
    kilns().forEach(process -> KilnProcess.signal(process, "CONT"));
  }

  /** Kills a rank that Kiln's supervisor has started. */
  void killRank(int rank) {
    ProcessHandle found =
        kilns().stream()
            .filter(process -> has(process, "KILN_RANK=" + rank))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no rank " + rank + " of " + name));
    KilnProcess.signal(found, "KILL");
  }

  private static boolean has(ProcessHandle process, String variable) {
    return Arrays.asList(file(process, "environ").split("\0")).contains(variable);
  }

  private static String commandLine(ProcessHandle process) {
    return file(process, "cmdline");
  }

  private static String file(ProcessHandle process, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // It has ended.
    }
  }

  private void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        String queue = cluster.slurm(Map.of(), "squeue").out();
        throw new AssertionError("job " + name + ": no " + what + " came\n" + queue + allLogs());
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Of all its tasks; with them an assertion says what happened. */
  String allLogs() {
    try (Stream<Path> files = Files.list(cluster.folder())) {
      StringBuilder all = new StringBuilder();
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith(name + "-")).sorted().toList()) {
        all.append(Files.readString(file));
      }
      return all.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
