package kiln.bench.data;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.telemetry.MetricsLog;
import kiln.launcher.telemetry.StepMetrics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln bench data}. */
@Command(
    name = "data",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Records from the queue to the inputs of a plan, beside a plain mapped read of the same files, by turns in one process;"
          + " every byte is read on both sides, by one thread, from the page cache after the first round, which is not counted."
          + " Of a run, the share of a step that it waited for its samples.",
      ""
    })
public final class DataCommand implements Callable<Integer> {
  private static final double GOAL = 0.8;
  private static final double WAIT_GOAL = 0.01;

  @Parameters(paramLabel = "DIR", description = "The data set.")
  private Path dataset;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "16", description = "Samples per step.")
  private int batch;

  @Option(names = "--micro-batch", paramLabel = "N", defaultValue = "8", description = "Samples that are bound at once.")
  private int microBatch;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "7", description = "Epochs that are timed, after one that is not.")
  private int rounds;

  @Option(names = "--run", paramLabel = "DIR", description = "A run's folder: how long its steps waited for samples.")
  private Path run;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (batch < 1 || microBatch < 1 || rounds < 1) {
      throw new ParameterException(spec.commandLine(), "options --batch, --micro-batch, --rounds: expected at least 1");
    }
    PrintStream out = System.out;
    ReadBenchmark benchmark = new ReadBenchmark(dataset, batch, microBatch);
    List<ReadBenchmark.Pass> queue = new ArrayList<>();
    List<ReadBenchmark.Pass> plain = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      ReadBenchmark.Pass queued = benchmark.queue(round);
      ReadBenchmark.Pass read = benchmark.plain();
      if (round > 0) {
        queue.add(queued);
        plain.add(read);
      }
    }
    double fromQueue = median(queue.stream().map(ReadBenchmark.Pass::gigabytesPerSecond).toList());
    double mapped = median(plain.stream().map(ReadBenchmark.Pass::gigabytesPerSecond).toList());
    double records = median(queue.stream().map(pass -> pass.samples() / pass.seconds()).toList());
    out.printf(
        Locale.ROOT, "queue to plan input  %7.2f GB/s  %10.0f samples/s  (%d samples, %.1f MB an epoch; median of %d)%n",
        fromQueue, records, queue.getFirst().samples(), queue.getFirst().bytes() * 1e-6, rounds);
    out.printf(
        Locale.ROOT, "plain mapped read    %7.2f GB/s                        (%.1f MB)%n", mapped, plain.getFirst().bytes() * 1e-6);
    out.printf(Locale.ROOT, "ratio                %7.0f %%     (goal: at least %.0f %%)%n", 100 * fromQueue / mapped, 100 * GOAL);
    out.printf(Locale.ROOT, "sum of all bytes     %x%n", benchmark.sum());
    if (run != null) {
      waiting(out);
    }
    return 0;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private void waiting(PrintStream out) throws IOException {
    RunFolder folder = new RunFolder(run);
    Path checkpoint = folder.latest().orElseThrow(() -> new UserException("option --run: " + run + ": no checkpoint there"));
    int samples = TrainingRecord.read(checkpoint).preset().batch();
    double waited = 0;
    double all = 0;
    int steps = 0;
    for (StepMetrics metrics : MetricsLog.read(folder.metrics())) {
      if (metrics.dataSeconds() != null && metrics.samplesPerSecond() != null && metrics.step() > 1) {
        waited += metrics.dataSeconds();
        all += samples / metrics.samplesPerSecond();
        steps++;
      }
    }
    if (steps == 0) {
      throw new UserException("option --run: " + run + ": its metrics do not say how long steps waited for samples");
    }
    out.printf(
        Locale.ROOT, "waiting for data     %7.3f %%     of a step of %.1f ms, mean of %d steps (goal: less than %.0f %%)%n",
        100 * waited / all, 1000 * all / steps, steps, 100 * WAIT_GOAL);
  }
}
