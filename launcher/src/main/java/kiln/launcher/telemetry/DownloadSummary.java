package kiln.launcher.telemetry;

import java.io.PrintWriter;
import java.util.Locale;
import kiln.data.download.DownloadReport;

/** What a download has brought, in lines for the user. */
public final class DownloadSummary {
  private DownloadSummary() {}

  public static void print(DownloadReport report, PrintWriter out) {
    DownloadReport.Tables tables = report.tables();
    DownloadReport.Run run = report.run();
    out.printf(
        Locale.ROOT,
        "%d of %d rows have a picture: %d different ones, %.1f MB%n",
        tables.ok(),
        tables.rows(),
        tables.pictures(),
        tables.bytes() * 1e-6);
    tables.failures().forEach((kind, some) -> out.printf("failed %d: %s, for example %s%n", some.rows(), kind, some.example()));
    tables.leftOut().forEach(
        skipped ->
            out.printf("left out %d: %s, for example %s%n", skipped.count(), skipped.reason(), skipped.examples().getFirst()));
    if (tables.open() > 0) {
      out.printf("not tried yet: %d%n", tables.open());
    }
    if (report.unreadableLines() > 0) {
      out.printf("downloads.jsonl: %d lines cannot be read; their URLs were requested again%n", report.unreadableLines());
    }
    out.printf(
        Locale.ROOT,
        "this run: %d pictures, %d failed, %.1f MB in %.1f s, %.1f images/s%n",
        run.stored(),
        run.failed(),
        run.bytes() * 1e-6,
        run.seconds(),
        run.imagesPerSecond());
  }
}
