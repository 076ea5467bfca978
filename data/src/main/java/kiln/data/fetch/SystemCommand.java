package kiln.data.fetch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kiln.bindings.UserException;

/**
 * A command of the system that has ended.
 *
 * @param status its exit status
 * @param lines what it printed on standard output and standard error
 */
record SystemCommand(int status, List<String> lines) {
  private static final long MINUTES = 10;

  /**
   * Runs it without input, in English, for at most ten minutes.
   *
   * @param folder to run in; takes a file of its output
   * @throws UserException if there is no such command or it does not end
   */
  static SystemCommand run(Path folder, List<String> command) throws IOException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UserException("command " + command.getFirst() + ": expected on a Debian system, found none", e);
    }
    try {
      process.getOutputStream().close();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        throw new UserException("did not finish in " + MINUTES + " minutes: " + String.join(" ", command));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted: " + String.join(" ", command));
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = new String(Files.readAllBytes(output), StandardCharsets.UTF_8).lines().toList();
    Files.delete(output);
    return new SystemCommand(process.exitValue(), lines);
  }

  boolean succeeded() {
    return status == 0;
  }

  /** What apt says went wrong, or the last line. */
  String error() {
    return lines.stream()
        .filter(line -> line.startsWith("E:"))
        .findFirst()
        .orElse(lines.isEmpty() ? "no output, exit status " + status : lines.getLast());
  }
}
