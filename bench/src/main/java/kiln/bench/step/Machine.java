package kiln.bench.step;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.NativeLibraries;
import kiln.bindings.Onednn;
import kiln.bindings.UserException;

/** What numbers depend on: machine, date, versions, and how busy the machine is. */
final class Machine {
  private static final double BUSY = 0.5;

  private Machine() {}

  /** Lines to print above measurements. */
  static List<String> describe(String python) throws IOException {
    List<String> lines = new ArrayList<>();
    int cores = Runtime.getRuntime().availableProcessors();
    lines.add(cpu() + ", " + cores + " cores, " + NativeLibraries.numThreads() + " threads, " + LocalDate.now());
    String versions = "oneDNN " + Onednn.version() + " (" + Onednn.cpuIsa() + "), Java " + Runtime.version().feature();
    if (python != null) {
      String torch = said(python, "-c", "import torch; print(torch.__version__)");
      if (torch.isEmpty()) {
        throw new UserException("option --peer: expected a Python that has torch, found " + python);
      }
      versions += ", PyTorch " + torch;
    }
    String commit = said("git", "-C", Path.of("").toAbsolutePath().toString(), "rev-parse", "--short", "HEAD");
    lines.add(versions + (commit.isEmpty() ? "" : ", commit " + commit));
    double load = load();
    if (load > BUSY) {
      lines.add("the machine is busy (load " + load + " in the last minute): numbers will be worse than they could be");
    }
    return lines;
  }

  private static String cpu() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  private static double load() throws IOException {
    return Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
  }

  /** What a command prints; empty if it fails or does not exist. */
  private static String said(String... command) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      return "";
    }
    try {
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 ? text : "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
