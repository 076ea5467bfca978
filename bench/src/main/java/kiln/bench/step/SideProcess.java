package kiln.bench.step;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.JavaCommand;
import kiln.bindings.UserException;

/** Starts the processes of both sides and reads the last line that each prints. */
final class SideProcess {
  /** Kiln's tensors are native memory. The start size is given because it would otherwise follow from that of the machine. */
  private static final List<String> KILN_HEAP = List.of("-Xms16m", "-Xmx256m", "-XX:+UseSerialGC");

  private final String python;
  private final Path script;

  /**
   * @param python interpreter that has torch; null to measure Kiln alone
   * @param script bench/peers/peer.py; null without a peer
   */
  SideProcess(String python, Path script) {
    this.python = python;
    this.script = script;
  }

  /** A side cannot do a case, for the reason in the message. */
  static final class CannotException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CannotException(String message) {
      super(message);
    }
  }

  boolean hasPeer() {
    return python != null;
  }

  /**
   * What {@link KilnSide} prints.
   *
   * @throws CannotException if it says so
   */
  String kiln(StepCase c, Path file, String mode) throws IOException {
    List<String> arguments = mode.isEmpty() ? List.of(file.toString()) : List.of(file.toString(), mode);
    return lastLine("Kiln", JavaCommand.of(KilnSide.class, KILN_HEAP, arguments), c.threads());
  }

  /** What peer.py prints. */
  String peer(StepCase c, Path file) throws IOException {
    return lastLine("PyTorch", List.of(python, script.toString(), file.toString()), c.threads());
  }

  private static String lastLine(String side, List<String> command, int threads) throws IOException {
    File errors = File.createTempFile("kiln-side", ".log");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors);
      builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
      Process process = builder.start();
      String last = null;
      try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          last = line;
        }
      }
      int status = process.waitFor();
      List<String> said = Files.readAllLines(errors.toPath());
      if (status == KilnSide.CANNOT && !said.isEmpty()) {
        throw new CannotException(said.getLast());
      }
      if (status != 0 || last == null) {
        String why = said.isEmpty() ? "nothing" : said.getLast();
        throw new UserException(side + "'s process: expected a line of JSON, found status " + status + " and " + why);
      }
      said.forEach(System.err::println);
      return last;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      Files.delete(errors.toPath());
    }
  }
}
