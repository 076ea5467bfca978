package kiln.bench.chaos;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A command in processes of its own: what it prints, its ranks, its end. Nothing of it outlives this object. */
final class Job implements AutoCloseable {
  /** Far more than any run here takes on a busy machine. */
  static final Duration LONG = Duration.ofMinutes(5);

  /** In which all processes of a job must have ended when one was killed. */
  static final Duration PROMPTLY = Duration.ofSeconds(30);

  private static final Pattern STEP = Pattern.compile("step (\\d+)/\\d+  loss .*");
  private static final List<String> RANK_VARIABLES = List.of("KILN_RANK=", "OMPI_COMM_WORLD_RANK=");

  /**
   * A step that was taken.
   *
   * @param nanos {@link System#nanoTime()} when its line came
   */
  record Step(long number, long nanos) {}

  private final Process process;
  private final long started = System.nanoTime();
  private final List<String> out = Collections.synchronizedList(new ArrayList<>());
  private final List<String> err = Collections.synchronizedList(new ArrayList<>());
  private final List<Step> steps = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> readers = new ArrayList<>();
  private final List<ProcessHandle> descendants = new ArrayList<>();
  private final Thread end;

  private Job(Process process) {
    this.process = process;
    this.end = new Thread(this::kill);
    Runtime.getRuntime().addShutdownHook(end);
    readers.add(read(process.getInputStream(), out));
    readers.add(read(process.getErrorStream(), err));
  }

  static Job start(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectInput(new File("/dev/null"));
    builder.environment().putAll(environment);
    return new Job(builder.start());
  }

  private Thread read(InputStream stream, List<String> into) {
    return Thread.ofPlatform().daemon().start(() -> {
      try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          Matcher step = STEP.matcher(line);
          if (step.matches()) {
            steps.add(new Step(Long.parseLong(step.group(1)), System.nanoTime()));
          }
          into.add(line);
        }
      } catch (IOException e) {
        into.add("(cut off: " + e.getMessage() + ")");
      }
    });
  }

  /** Since it was started. */
  double seconds() {
    return (System.nanoTime() - started) * 1e-9;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  ProcessHandle supervisor() {
    return process.toHandle();
  }

  /** The process of a rank, if it is there already. */
  Optional<ProcessHandle> rank(int rank) {
    return seen().stream().filter(child -> isRank(child, rank)).findFirst();
  }

  /** All that are known to have been started by the command: ask before it is killed, because then nobody knows any more. */
  List<ProcessHandle> seen() {
    process.descendants().filter(child -> !descendants.contains(child)).forEach(descendants::add);
    return List.copyOf(descendants);
  }

  private static boolean isRank(ProcessHandle child, int rank) {
    try {
      String environment = Files.readString(Path.of("/proc/" + child.pid() + "/environ"), StandardCharsets.ISO_8859_1);
      return RANK_VARIABLES.stream().anyMatch(name -> Arrays.asList(environment.split("\0")).contains(name + rank));
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  /** Those that this process took, as far as it said so. */
  List<Step> steps() {
    synchronized (steps) {
      return List.copyOf(steps);
    }
  }

  /** All that it printed to both streams, without what the JVM says about its options. */
  List<String> lines() {
    List<String> all = new ArrayList<>();
    for (List<String> stream : List.of(out, err)) {
      synchronized (stream) {
        stream.stream().filter(line -> !line.contains("NOTE: Picked up ")).forEach(all::add);
      }
    }
    return all;
  }

  /** The lines that tell the user why it ended. */
  List<String> complaints() {
    return lines().stream().filter(line -> line.startsWith("kiln: ") && !line.startsWith("kiln: warning")).toList();
  }

  /** Waits for a line that contains {@code text}. */
  void awaitLine(String text) {
    await("a line with '" + text + "'", () -> lines().stream().anyMatch(line -> line.contains(text)));
  }

  /** Waits for a step, or a later one. */
  void awaitStep(long number) {
    await("step " + number, () -> steps().stream().anyMatch(step -> step.number() >= number));
  }

  /**
   * Waits while it runs.
   *
   * @throws NotSurvivedException if it ends before, or does not come to it
   */
  void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new NotSurvivedException("there came no " + what + "; it printed: " + tail());
      }
      Pause.millis(2);
    }
  }

  /**
   * Waits for the end of it and of all that it started.
   *
   * @return its exit status
   * @throws NotSurvivedException if it does not end in time, or leaves a process behind
   */
  int await(Duration limit) {
    try {
      seen();
      if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new NotSurvivedException("it still ran after " + limit.toSeconds() + " s; it printed: " + tail());
      }
      long deadline = System.nanoTime() + PROMPTLY.toNanos();
      while (descendants.stream().anyMatch(ProcessHandle::isAlive)) {
        if (System.nanoTime() > deadline) {
          throw new NotSurvivedException("a process was left behind; it printed: " + tail());
        }
        Pause.millis(5);
      }
      for (Thread reader : readers) {
        reader.join(PROMPTLY);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The last that it printed. */
  String tail() {
    List<String> lines = lines();
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - 6), lines.size()));
  }

  private void kill() {
    List<ProcessHandle> all = seen();
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    kill();
    process.onExit().join();
    descendants.forEach(child -> child.onExit().join());
    Runtime.getRuntime().removeShutdownHook(end);
  }
}
