package kiln.bench.images;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;

/** bench/peers/images.py, which prepares the same files whenever it is told to. */
final class Peer implements AutoCloseable {
  private final Process process;
  private final Writer in;
  private final BufferedReader out;
  private final String version;

  /**
   * @param python interpreter that has Pillow
   */
  Peer(String python, Path script) {
    try {
      process = new ProcessBuilder(python, script.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      in = process.outputWriter(StandardCharsets.UTF_8);
      out = process.inputReader(StandardCharsets.UTF_8);
      version = answer();
    } catch (IOException e) {
      throw new UserException("--peer " + python + ": does not start: " + e.getMessage());
    }
  }

  /** Of Pillow. */
  String version() {
    return version;
  }

  /** Prepares all files once. */
  double seconds(boolean draft, int side, List<Path> files) {
    try {
      StringBuilder line = new StringBuilder().append(draft ? "draft" : "plain").append('\t').append(side);
      files.forEach(file -> line.append('\t').append(file));
      in.write(line.append('\n').toString());
      in.flush();
      return Double.parseDouble(answer());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String answer() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new UserException("--peer: the process ended, see its messages; it needs Pillow");
    }
    return line;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
