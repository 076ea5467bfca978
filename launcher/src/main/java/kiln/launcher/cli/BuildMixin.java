package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.data.dataset.BuildOptions;
import kiln.data.dataset.DatasetBuilder;
import kiln.data.dataset.ProgressListener;
import kiln.data.dataset.WriterShare;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;
import kiln.data.source.Source;
import kiln.launcher.telemetry.DatasetReport;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all sources of data have in common on the command line. */
final class BuildMixin {
  private static final Pattern WRITER = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = {
        "Folder for the data set: new, empty, or with what the same command has left when it was stopped, killed, or found the",
        "disk full. It then goes on, and ends with the same samples in the same blocks."
      })
  private Path out;

  @Option(
      names = "--block-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Samples per record of the queue; micro-batches divide it.")
  private int blockSize;

  @Option(names = "--threads", paramLabel = "N", description = "Threads that draw and decode; all processors if not given.")
  private Integer threads;

  @Option(
      names = "--in-flight",
      paramLabel = "BYTES",
      defaultValue = "256MB",
      description = "Memory that pictures and samples may take on their way through the threads; reading waits beyond it.")
  private String inFlight;

  @Option(
      names = "--writers",
      paramLabel = "N",
      description = "Queues that this process writes, a file each; records go to them in turn. 1 if not given.")
  private Integer writers;

  @Option(
      names = "--writer",
      paramLabel = "I/N",
      description = {
        "Share the work among N processes, on one host or on several with a shared folder: this one, I from 0 to N-1, makes every",
        "N-th sample, from the I-th on, and writes its own queue in the same --out. All else must be the same for all. The data",
        "set is finished when all N are."
      })
  private String writer;

  @Option(
      names = "--ahead",
      paramLabel = "BYTES",
      description = {
        "Wait while more training data than this lies unread ahead of a run that trains beside the preparation",
        "(kiln train --follow). Without a run it waits for one. Not given: it does not wait."
      })
  private String ahead;

  @Option(names = "--strict", description = "Input that cannot be used is an error, instead of being skipped and counted.")
  private boolean strict;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Builds the data set, or goes on building it, and reports what is in it. */
  void build(Source source, PrintWriter report) {
    int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    long start = System.nanoTime();
    BuildOptions options =
        new BuildOptions(blockSize, workers, strict, ByteSizes.parse(spec, "--in-flight", inFlight), share(),
            ahead == null ? null : ByteSizes.parse(spec, "--ahead", ahead));
    Optional<Manifest> manifest;
    try (Ending ending = new Ending(report)) {
      manifest = DatasetBuilder.buildShare(source, out, options, ending);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    if (manifest.isPresent()) {
      DatasetReport.print(manifest.get(), report);
      report.printf(Locale.ROOT, "%s: ready after %.1f s%n", out, seconds);
    } else {
      report.printf(
          Locale.ROOT, "%s: writer %s is done after %.1f s; the data set is finished when these are too: %s%n",
          out, writer, seconds, DatasetBuilder.missing(out, options.share().writers()));
    }
    report.flush();
  }

  private WriterShare share() {
    if (writer == null) {
      return new WriterShare(writers == null ? 1 : writers, null);
    }
    Matcher matcher = WRITER.matcher(writer);
    if (writers != null || !matcher.matches()) {
      String what = writers != null ? "--writer: expected no --writers with it, found " + writers
          : "--writer: expected I/N as in 0/4, found " + writer;
      throw new ParameterException(spec.commandLine(), "option " + what);
    }
    return new WriterShare(Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(1)));
  }

  /** Says what is there already, and, when Ctrl-C or SIGTERM ends the process, that it is not lost. */
  private final class Ending implements ProgressListener, AutoCloseable {
    private final PrintWriter report;
    private final AtomicLong samples = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Thread hook = new Thread(this::stopped, "kiln-data-stopped");

    Ending(PrintWriter report) {
      this.report = report;
      Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void progress(Split split, long done, OptionalLong total) {
      samples.incrementAndGet();
    }

    @Override
    public void resumed(long there, long blocks) {
      report.println(out + ": goes on: " + there + " samples in " + blocks + " blocks are there already");
      report.flush();
    }

    @Override
    public void waiting(long bytes) {
      report.println(out + ": waits: " + bytes + " bytes lie unread ahead of the run that trains on it");
      report.flush();
    }

    private void stopped() {
      if (!over.get()) {
        System.err.println("kiln: " + out + ": stopped after " + samples + " samples of this run; the same command goes on");
      }
    }

    @Override
    public void close() {
      over.set(true);
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // the process is ending
      }
    }
  }
}
