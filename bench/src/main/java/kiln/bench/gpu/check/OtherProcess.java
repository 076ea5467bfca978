package kiln.bench.gpu.check;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import kiln.bench.Main;
import kiln.bindings.JavaCommand;
import kiln.launcher.Launcher;

/** Other commands of Kiln's, in processes of their own. */
final class OtherProcess {
  /** Far more than the longest JSON that is read; a process that does not stop talking is no reason to run out of memory. */
  private static final int LAST_LINES = 100_000;

  private OtherProcess() {}

  /**
   * How a command ended.
   *
   * @param lines the last ones of both its streams
   */
  record Outcome(int status, List<String> lines) {
    /**
     * @throws IllegalStateException if it failed, with its last line
     */
    Outcome requireWell(String what) {
      if (status != 0) {
        throw new IllegalStateException(what + " ended with status " + status + ": " + last());
      }
      return this;
    }

    String last() {
      return lines.isEmpty() ? "nothing said" : lines.getLast();
    }
  }

  /** A command line that starts a class as this process was started. */
  static List<String> java(Class<?> main, String... arguments) {
    return JavaCommand.of(main, List.of("-Xmx2g", "-XX:+UseSerialGC"), List.of(arguments));
  }

  /** Runs {@code kiln …} to its end. */
  static Outcome kiln(List<String> arguments) throws IOException, InterruptedException {
    return run(java(Launcher.class, arguments.toArray(String[]::new)));
  }

  /** Runs {@code kiln bench …} to its end. */
  static Outcome bench(List<String> arguments) throws IOException, InterruptedException {
    return run(java(Main.class, arguments.toArray(String[]::new)));
  }

  private static Outcome run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(new File("/dev/null")).start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        System.err.println(line); // the log of the check
        lines.add(line);
        if (lines.size() > LAST_LINES) {
          lines.removeFirst();
        }
      }
      return new Outcome(process.waitFor(), lines);
    }
  }
}
