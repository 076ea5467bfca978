package kiln.bench.gpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import kiln.bindings.DeviceKernelImage;
import kiln.bindings.JavaCommand;

/** Runs the process of a side, not for longer than it has, and keeps what it has said until then. */
final class GpuProcess {
  /** Networks, weights and activations are native memory. */
  private static final List<String> HEAP = List.of("-Xmx1g", "-XX:+UseSerialGC");

  private static final double GRACE_SECONDS = 30;
  private static final double KILO = 1e3;

  private final Map<String, String> variables;

  /**
   * @param variables more of the process's environment
   */
  GpuProcess(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  /** Of {@link KilnGpuSide}. */
  GpuSide kiln(GpuCase c) throws IOException {
    return run("Kiln", JavaCommand.of(KilnGpuSide.class, HEAP, List.of()), c);
  }

  /** Of gpu_peer.py. */
  GpuSide peer(String name, String python, Path script, GpuCase c) throws IOException {
    return run(name, List.of(python, script.toString()), c);
  }

  private GpuSide run(String name, List<String> command, GpuCase c) throws IOException {
    Path folder = Files.createTempDirectory("kiln-gpu-");
    Path file = folder.resolve("case.json");
    Path said = folder.resolve("said");
    Path errors = folder.resolve("errors");
    try {
      GpuJson.LINES.writeValue(file, c);
      List<String> whole = new ArrayList<>(command);
      whole.add(file.toString());
      ProcessBuilder builder = new ProcessBuilder(whole).redirectOutput(said.toFile()).redirectError(errors.toFile());
      builder.environment().putAll(variables);
      String failure = await(builder.start(), c.budgetSeconds() + GRACE_SECONDS, errors);
      return GpuSide.of(name, Files.readAllLines(said, StandardCharsets.UTF_8), failure);
    } finally {
      for (Path each : List.of(file, said, errors, folder)) {
        Files.deleteIfExists(each);
      }
    }
  }

  /** How it ended, if not well. */
  private static String await(Process process, double seconds, Path errors) throws IOException {
    Thread killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer); // if somebody ends this process, nobody works on for it
    try {
      if (!process.waitFor((long) (seconds * KILO), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        return String.format(Locale.ROOT, "stopped after %.0f s, when its time was over", seconds);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      removeHook(killer);
    }
    if (process.exitValue() == 0) {
      return null;
    }
    String last = Files.readAllLines(errors, StandardCharsets.UTF_8).stream()
        .filter(line -> !line.isBlank())
        .reduce((before, line) -> line)
        .orElse("nothing");
    return process.exitValue() == KilnGpuSide.CANNOT
        ? last
        : "ended with status " + process.exitValue() + ", and said last: " + last;
  }

  private static void removeHook(Thread killer) {
    try {
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (IllegalStateException e) {
      killer.setDaemon(true); // the process ends already, and the hook has run
    }
  }
}
