package kiln.bench.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs the system's programs. */
final class Shell {
  private Shell() {}

  /** What became of a program. */
  record Result(int status, String output) {}

  static Result result(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      return new Result(-1, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * What a program printed.
   *
   * @throws UncheckedIOException if it failed
   */
  static String run(String... command) {
    Result result = result(command);
    if (result.status() != 0) {
      throw new UncheckedIOException(new IOException(List.of(command) + ": " + result.output()));
    }
    return result.output();
  }

  /** Whether a program is there and ends well. */
  static boolean can(String... command) {
    return result(command).status() == 0;
  }

  /** Sends a signal by its name ({@code KILL}). */
  static void signal(ProcessHandle process, String name) {
    result("kill", "-" + name, Long.toString(process.pid())); // it may have ended by itself a moment ago
  }
}
