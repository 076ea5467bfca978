package kiln.bench.gpu;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/** The Python that has PyTorch, and the file that it is to run. */
final class PeerPython {
  private static final String SCRIPT = "gpu_peer.py";

  /** A first import reads gigabytes. */
  private static final long SECONDS = 120;

  private static final String QUESTION =
      "import torch; print('yes' if torch.cuda.is_available() else 'found PyTorch ' + torch.__version__ + ', which sees no GPU')";

  private PeerPython() {}

  /** Why it cannot compute on a GPU, in one line; null if it can. */
  static String problem(String python) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(python, "-c", QUESTION).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      return "found no program " + python;
    }
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "found no answer of " + python + " within " + SECONDS + " s";
      }
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      String last = said.lines().reduce("", (before, line) -> line);
      if (process.exitValue() != 0 || last.isEmpty()) {
        return "found no PyTorch in " + python;
      }
      return last.equals("yes") ? null : last;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /**
   * The peer's file: in the checkout that the classes were built in, or in a folder {@code peers} beside the archive that they are
   * in.
   *
   * @throws UserException if it is in neither
   */
  static Path script() {
    try {
      Path classes = Path.of(PeerPython.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return Stream.of("../../peers", "../peers", "../../bench/peers")
          .map(folder -> classes.resolve(folder).resolve(SCRIPT).normalize())
          .filter(Files::isRegularFile)
          .findFirst()
          .orElseThrow(
              () -> new UserException(
                  "option --peer: expected peers/" + SCRIPT + " of Kiln's checkout, found none near " + classes));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
