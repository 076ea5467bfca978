package kiln.bench.gpu.check;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Runs a check in processes: when one crashes, hangs or gives up, the next one goes on with the case after it. */
final class CheckRun {
  /** Many failures have one reason. */
  private static final int MOST_PROCESSES = 12;

  /** Starts the process of a check at a case. */
  @FunctionalInterface
  interface Starter {
    List<String> command(int firstCase);
  }

  private static final String ENDED = "";

  private final Starter starter;
  private final int numCases;
  private final Duration limit;
  private final File log;
  private final List<CaseResult> results = new ArrayList<>();

  /**
   * @param limit of one case
   * @param log takes what processes say on standard error
   */
  CheckRun(Starter starter, int numCases, Duration limit, File log) {
    this.starter = starter;
    this.numCases = numCases;
    this.limit = limit;
    this.log = log;
  }

  /** The results of all cases that were begun; of those that were not, one that says so. */
  List<CaseResult> run() throws IOException, InterruptedException {
    int processes = 0;
    while (results.size() < numCases) {
      if (processes++ == MOST_PROCESSES) {
        int left = numCases - results.size();
        results.add(CaseResult.failed("the rest", left + " of " + numCases + " cases not begun, after " + MOST_PROCESSES + " processes"));
        break;
      }
      runProcess();
    }
    return results;
  }

  private void runProcess() throws IOException, InterruptedException {
    int before = results.size();
    ProcessBuilder builder = new ProcessBuilder(starter.command(before));
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log)).redirectInput(new File("/dev/null"));
    Process process = builder.start();
    try {
      String begun = follow(process);
      if (begun != null) {
        results.add(CaseResult.failed(begun, "no result within " + limit.toSeconds() + " s"));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    boolean unfinished = results.size() < numCases;
    if (unfinished && results.size() == before) {
      results.add(CaseResult.failed("start", "the process ended with status " + process.exitValue() + " before any case"));
    }
  }

  /** Takes results until the process ends or says nothing for too long; returns the case that took too long. */
  private String follow(Process process) throws InterruptedException {
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread.ofPlatform().daemon().start(() -> read(process, lines));
    String begun = null;
    while (true) {
      String line = lines.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null) {
        return begun == null ? "start" : begun;
      }
      if (line.equals(ENDED)) {
        int status = process.waitFor();
        if (begun != null) {
          results.add(CaseResult.failed(begun, "the process crashed with status " + status));
        }
        return null;
      }
      if (line.startsWith(CheckProcess.BEGIN)) {
        begun = CheckProcess.JSON.readValue(line.substring(CheckProcess.BEGIN.length()), String.class);
      } else {
        results.add(CheckProcess.JSON.readValue(line.substring(CheckProcess.END.length()), CaseResult.class));
        begun = null;
      }
    }
  }

  private static void read(Process process, BlockingQueue<String> lines) {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith(CheckProcess.BEGIN) || line.startsWith(CheckProcess.END)) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lines.add(ENDED);
    }
  }
}
