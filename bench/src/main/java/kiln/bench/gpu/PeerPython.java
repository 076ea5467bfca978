package kiln.bench.gpu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The Python that has PyTorch, and the file that it is to run. */
final class PeerPython {
  private static final String RESOURCES = "/kiln/bench/peers/";
  private static final String SCRIPT = "gpu_peer.py";
  private static final String MODELS = "torch_models.py";

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
   * Writes the peer's files, which Kiln carries with it: bundles have no checkout.
   *
   * @param folder that exists
   * @return what to run
   */
  static Path write(Path folder) throws IOException {
    for (String name : List.of(SCRIPT, MODELS)) {
      try (InputStream in = PeerPython.class.getResourceAsStream(RESOURCES + name)) {
        Files.copy(Objects.requireNonNull(in, name), folder.resolve(name));
      }
    }
    return folder.resolve(SCRIPT);
  }

  /** Takes them away, and what Python has made of them. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
