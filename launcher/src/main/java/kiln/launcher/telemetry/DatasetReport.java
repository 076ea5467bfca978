package kiln.launcher.telemetry;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import kiln.data.prepare.BucketWaste;
import kiln.data.prepare.WasteTable;
import kiln.data.queue.Manifest;

/** What a data set that was just made holds, in lines for the user. */
public final class DatasetReport {
  private DatasetReport() {}

  /** Splits and their buckets, what the source notes (its fonts, its languages, what its buckets waste), and what was skipped for which reason. */
  public static void print(Manifest manifest, PrintWriter out) {
    manifest.splits().forEach((split, c) ->
        out.printf("%s: %d samples in %d blocks, %s%n", split, c.samples(), c.blocks(), c.buckets()));
    manifest.notes().forEach((name, value) -> printNote(name, value, out));
    for (Manifest.Skipped skipped : manifest.skipped()) {
      out.printf("skipped %d: %s, for example %s%n", skipped.count(), skipped.reason(), skipped.examples().getFirst());
    }
    out.flush();
  }

  private static void printNote(String name, Object value, PrintWriter out) {
    Map<String, BucketWaste> rows = name.equals(WasteTable.NOTE) ? WasteTable.rows(value) : Map.of();
    if (rows.isEmpty()) {
      out.println(name + ": " + value);
      return;
    }
    out.println(name + ":");
    int width = rows.keySet().stream().mapToInt(String::length).max().getAsInt();
    out.printf("  %-" + width + "s  samples  cropped   padded  enlarged  empty tokens  captions cut%n", "bucket");
    rows.forEach((bucket, row) -> printRow(bucket, width, row, out));
    printRow("all", width, rows.values().stream().reduce(BucketWaste.NONE, BucketWaste::plus), out);
  }

  private static void printRow(String bucket, int width, BucketWaste row, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "  %-" + width + "s  %7d  %6.1f%%  %6.1f%%  %8d  %11.1f%%  %12d%n",
        bucket, row.samples(), 100 * row.croppedShare(), 100 * row.paddedShare(), row.enlarged(),
        100 * row.paddedTokenShare(), row.cutCaptions());
  }

  /** As {@link #print(Manifest, PrintWriter)}, in UTF-8. */
  public static void print(Manifest manifest, PrintStream out) {
    print(manifest, new PrintWriter(out, false, StandardCharsets.UTF_8));
  }
}
