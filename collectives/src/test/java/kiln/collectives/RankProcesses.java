package kiln.collectives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kiln.bindings.JavaCommand;

/** One small JVM per rank. They end with the test, whatever happens: {@link #close} kills what still runs. */
public final class RankProcesses implements AutoCloseable {
  private final List<Process> processes = new ArrayList<>();
  private final List<Path> outputs = new ArrayList<>();

  /** What became of a rank: exit status (128 + signal if killed) and what it printed. */
  public record Result(int exit, String output) {}

  /** Starts a JVM that runs {@code main} with these arguments, as the next rank. */
  public void start(Class<?> main, String... arguments) {
    start(javaCommand(main, arguments));
  }

  /** Starts a process; it counts as one rank. */
  public void start(List<String> command) {
    try {
      Path output = Files.createTempFile("rank", ".log");
      outputs.add(output);
      processes.add(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How a small JVM is started. */
  public static List<String> javaCommand(Class<?> main, String... arguments) {
    return JavaCommand.of(main, List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), List.of(arguments));
  }

  /** SIGKILL. */
  public void kill(int index) {
    processes.get(index).destroyForcibly();
  }

  public long pid(int index) {
    return processes.get(index).pid();
  }

  /** Waits until a process has printed a line that contains {@code text}. */
  public void awaitOutput(int index, String text, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!output(index).contains(text)) {
      if (System.nanoTime() > deadline || !processes.get(index).isAlive()) {
        throw new AssertionError("process " + index + " did not print '" + text + "' but:\n" + output(index));
      }
      Thread.sleep(20);
    }
  }

  /** Waits for all to end; kills those that do not in time, which is a failure. */
  public List<Result> await(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < processes.size(); i++) {
      if (!processes.get(i).waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        String output = output(i);
        close();
        throw new AssertionError("process " + i + " did not end within " + timeout + "; it printed:\n" + output);
      }
      results.add(new Result(processes.get(i).exitValue(), output(i)));
    }
    return results;
  }

  private String output(int index) {
    try {
      return Files.readString(outputs.get(index));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    for (Process process : processes) {
      process.onExit().join();
    }
    for (Path output : outputs) {
      output.toFile().delete();
    }
  }
}
