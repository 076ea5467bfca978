package kiln.launcher.backend;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import kiln.bindings.JavaCommand;
import kiln.bindings.UserException;
import kiln.launcher.preset.PresetJson;

/** Looks at NVIDIA's libraries in a process of its own: what they do to it, if they crash or never answer, harms nobody. */
public final class CudaProbe {
  /** A machine with many GPUs and no persistence daemon takes some seconds to wake them. */
  private static final long SECONDS = 60;

  private static final int HEAP_MEGABYTES = 128;

  private CudaProbe() {}

  /**
   * What {@link CudaState#here} says in a process of its own.
   *
   * @throws UserException if that process crashes or does not answer: how it ended, in one line
   */
  public static CudaState ask() {
    return ask(Map.of());
  }

  /**
   * @param variables more of the process's environment
   */
  static CudaState ask(Map<String, String> variables) {
    try {
      Path answer = Files.createTempFile("kiln-cuda-", ".json");
      try {
        return ask(answer, variables);
      } finally {
        Files.deleteIfExists(answer);
      }
    } catch (IOException e) {
      throw new UserException("NVIDIA's libraries: nothing can be asked of them: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("NVIDIA's libraries: interrupted while they were asked", e);
    }
  }

  private static CudaState ask(Path answer, Map<String, String> variables) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command(answer)).redirectErrorStream(true);
    builder.environment().putAll(variables);
    builder.redirectInput(new File("/dev/null")).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new UserException("NVIDIA's libraries: no answer within " + SECONDS + " s");
    }
    String text = Files.readString(answer, StandardCharsets.UTF_8);
    if (process.exitValue() != 0 || text.isEmpty()) {
      throw new UserException("NVIDIA's libraries: a process that loads them ended with status " + process.exitValue());
    }
    return PresetJson.MAPPER.readValue(text, CudaState.class);
  }

  private static List<String> command(Path answer) {
    List<String> options =
        List.of(
            "-Xmx" + HEAP_MEGABYTES + "m", "-XX:+UseSerialGC",
            // A crash is told by the status; its report and core would only lie about.
            "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null");
    return JavaCommand.of(CudaProbe.class, options, List.of(answer.toString()));
  }

  /**
   * @param arguments the file for the answer
   */
  public static void main(String[] arguments) throws IOException {
    Files.write(Path.of(arguments[0]), PresetJson.MAPPER.writeValueAsBytes(CudaState.here()));
  }
}
