package kiln.bench.gpu.check;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bench.Main;
import kiln.launcher.Launcher;

/** Other commands of Kiln's, in processes of their own. */
final class OtherProcess {
  private static final int LAST_LINES = 400;

  /** Where golden files are, which is not always said on the command line. */
  private static final List<String> PROPERTIES = List.of("kiln.golden", "kiln.root");

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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--") || flag.startsWith("-Dkiln.") || flag.startsWith("-Djava.awt."))
        .forEach(command::add);
    for (String name : PROPERTIES) {
      if (System.getProperty(name) != null) {
        command.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    command.addAll(List.of("-Xmx2g", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
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
