package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import kiln.data.download.DownloadReport;
import kiln.data.download.Downloader;
import kiln.data.input.Inputs;
import kiln.launcher.preset.PresetJson;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.StopSignals;
import kiln.launcher.telemetry.DownloadLine;
import kiln.launcher.telemetry.DownloadSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln data download}. */
@Command(
    name = "download",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Downloads the pictures that tables name by URL into a folder that kiln data folder reads.",
      "",
      "images/ holds each picture once, named by its SHA-256; metadata.jsonl a line for each row that has one, in the tables'"
          + " order; downloads.jsonl what became of each URL. The same command again goes on where it was, however it ended."
    })
final class DownloadCommand implements Callable<Integer> {
  @Mixin private UrlTableMixin tables;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "New or empty folder, or one of an earlier download to go on with.")
  private Path out;

  @Mixin private DownloadMixin download;

  @Mixin private InputMixin input;

  @Option(names = "--strict", description = "A row that cannot be used is an error, instead of being left out and counted.")
  private boolean strict;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    boolean terminal = System.console() != null && System.console().isTerminal();
    DownloadLine line = new DownloadLine(json ? System.err : System.out, terminal);
    DownloadReport report;
    AtomicBoolean stop = new AtomicBoolean();
    try (StopSignals _ = StopSignals.handle(() -> stop.set(true), () -> Runtime.getRuntime().halt(ExitStatus.INTERRUPTED));
        Inputs inputs = input.open(spec);
        Downloader downloader = new Downloader(tables.tables(inputs), out, download.options(spec, input), strict)) {
      report = downloader.run(json && !terminal ? _ -> {} : line, stop::get);
    } finally {
      line.end();
    }
    PrintWriter print = spec.commandLine().getOut();
    if (json) {
      print.println(PresetJson.MAPPER.writeValueAsString(report));
    } else {
      DownloadSummary.print(report, print);
      if (report.stopped() != null) {
        print.println(report.stopped() + "; go on with: " + Typed.command(spec));
      }
    }
    print.flush();
    return stop.get() && report.stopped() != null ? ExitStatus.STOPPED : ExitStatus.OK;
  }
}
