package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import kiln.data.dataset.BuildOptions;
import kiln.data.dataset.DatasetBuilder;
import kiln.data.queue.Manifest;
import kiln.data.source.Source;
import kiln.launcher.telemetry.DatasetReport;
import picocli.CommandLine.Option;

/** What all sources of data have in common on the command line. */
final class BuildMixin {
  @Option(names = "--out", required = true, paramLabel = "DIR", description = "New or empty folder for the data set.")
  private Path out;

  @Option(
      names = "--block-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Samples per record of the queue; micro-batches divide it.")
  private int blockSize;

  @Option(names = "--threads", paramLabel = "N", description = "Threads that draw and decode; all processors if not given.")
  private Integer threads;

  @Option(names = "--strict", description = "Input that cannot be used is an error, instead of being skipped and counted.")
  private boolean strict;

  /** Builds the data set and reports what is in it. */
  void build(Source source, PrintWriter report) {
    int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    long start = System.nanoTime();
    BuildOptions options = new BuildOptions(blockSize, workers, strict);
    Manifest manifest = DatasetBuilder.build(source, out, options, (split, done, total) -> {});
    double seconds = (System.nanoTime() - start) * 1e-9;
    DatasetReport.print(manifest, report);
    report.printf(Locale.ROOT, "%s: ready after %.1f s%n", out, seconds);
    report.flush();
  }
}
