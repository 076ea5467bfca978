package kiln.launcher;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import kiln.bindings.JavaCommand;
import kiln.launcher.cli.KilnCommand;

/** The command line in a process of its own. It and its children end with the test, whatever happens. */
public final class KilnProcess implements AutoCloseable {
  /** Far more than any command of a test takes on a busy machine. */
  private static final Duration LONG = Duration.ofMinutes(3);

  /** Ranks inherit it. Runs are too short to be worth the second compiler, which would take half of their time. */
  public static final String QUICK = "-XX:TieredStopAtLevel=1";

  private static final long USR1 = 1L << (10 - 1);

  private final Process process;
  private final StringBuffer out = new StringBuffer();
  private final StringBuffer err = new StringBuffer();
  private final List<Thread> readers = new ArrayList<>();
  private final List<ProcessHandle> ranks = new ArrayList<>();

  private KilnProcess(Process process) {
    this.process = process;
    readers.add(read(process.getInputStream(), out));
    readers.add(read(process.getErrorStream(), err));
  }

  /** Runs a command to its end. */
  public static Outcome run(String... arguments) {
    return run(Map.of(), arguments);
  }

  /** The same with more variables in its environment. */
  public static Outcome run(Map<String, String> environment, String... arguments) {
    try (KilnProcess kiln = start(environment, Launcher.class, arguments)) {
      return kiln.await(LONG);
    }
  }

  public static KilnProcess start(String... arguments) {
    return start(Launcher.class, arguments);
  }

  /** Runs any class of the test's class path, in a JVM with the flags of this one. */
  public static KilnProcess start(Class<?> main, String... arguments) {
    return start(Map.of(), main, arguments);
  }

  /** The same with more variables in its environment. */
  public static KilnProcess start(Map<String, String> environment, Class<?> main, String... arguments) {
    // A build in the background of a script ignores SIGINT, and what it starts would too.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.addAll(JavaCommand.of(main, List.of("-Xmx256m", QUICK, "-XX:+UseSerialGC"), List.of(arguments)));
    return start(environment, command);
  }

  /** Runs any program. */
  public static KilnProcess start(Map<String, String> environment, List<String> command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      return new KilnProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command in this process: fast, for what fails before anything is started. */
  public static Outcome runHere(String... arguments) {
    PrintStream realOut = System.out;
    PrintStream realErr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream capturedOut = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream capturedErr = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      System.setOut(capturedOut);
      System.setErr(capturedErr);
      int status = KilnCommand.run(arguments);
      return new Outcome(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(realOut);
      System.setErr(realErr);
    }
  }

  /** Waits until the command has printed a line that contains {@code text}. */
  public void awaitOutput(String text) {
    await("a line with '" + text + "'", () -> out.indexOf(text) >= 0);
  }

  /** The same on standard error. */
  public void awaitError(String text) {
    await("a line with '" + text + "' on standard error", () -> err.indexOf(text) >= 0);
  }

  /** What the command has printed so far. */
  public String output() {
    return out.toString();
  }

  /** Waits until a rank takes signals for requests. */
  public void awaitHandlers(ProcessHandle rank) {
    await("handler of SIGUSR1", () -> handlesRequests(rank));
  }

  /** Whether a process takes signals for requests: it has a handler of SIGUSR1, which no JVM has by itself. */
  public static boolean handlesRequests(ProcessHandle process) {
    try {
      return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
          .filter(line -> line.startsWith("SigCgt:"))
          .anyMatch(line -> (Long.parseUnsignedLong(line.substring(line.indexOf(':') + 1).strip(), 16) & USR1) != 0);
    } catch (IOException e) {
      return false; // It has ended.
    }
  }

  /** Waits for the process of a rank to be there; it is killed with the test from now on. */
  public ProcessHandle rank(int rank) {
    await("rank " + rank, () -> find(rank) != null);
    return find(rank);
  }

  /** All processes that the command has started so far. */
  public List<ProcessHandle> children() {
    process.children().filter(child -> !ranks.contains(child)).forEach(ranks::add);
    return List.copyOf(ranks);
  }

  private ProcessHandle find(int rank) {
    return children().stream().filter(child -> isRank(child, rank)).findFirst().orElse(null);
  }

  private static boolean isRank(ProcessHandle child, int rank) {
    try {
      String environment = Files.readString(Path.of("/proc/" + child.pid() + "/environ"), StandardCharsets.ISO_8859_1);
      return Arrays.asList(environment.split("\0")).contains("KILN_RANK=" + rank);
    } catch (IOException e) {
      return false; // It has ended.
    }
  }

  /** Sends a signal by its name ({@code TERM}) to the command. */
  public void signal(String name) {
    signal(process.toHandle(), name);
  }

  public static void signal(ProcessHandle target, String name) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(target.pid())).inheritIO().start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("cannot send " + name + " to process " + target.pid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public Outcome await() {
    return await(LONG);
  }

  /** Waits for the end, which must come in time. */
  public Outcome await(Duration timeout) {
    try {
      if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new AssertionError("still running after " + timeout + "\nout:\n" + out + "err:\n" + err);
      }
      for (Thread reader : readers) {
        reader.join();
      }
      return new Outcome(process.exitValue(), out.toString(), err.toString());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether all processes that the command is known to have started are gone, or go within {@code timeout}. */
  public static boolean allEnd(List<ProcessHandle> processes, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (processes.stream().anyMatch(ProcessHandle::isAlive)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      pause();
    }
    return true;
  }

  private void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline || !process.isAlive()) {
        throw new AssertionError("no " + what + " came\nout:\n" + out + "err:\n" + err);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Thread read(InputStream stream, StringBuffer into) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  into.append(line).append('\n');
                }
              } catch (IOException e) {
                into.append("(cut off: ").append(e.getMessage()).append(")\n");
              }
            });
  }

  @Override
  public void close() {
    children();
    process.destroyForcibly();
    ranks.forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
    ranks.forEach(rank -> rank.onExit().join());
  }
}
