package kiln.launcher.telemetry;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import kiln.data.queue.Manifest;

/** What a data set that was just made holds, in lines for the user. */
public final class DatasetReport {
  private DatasetReport() {}

  /** Splits and their buckets, what the source notes (its fonts, its languages), and what was skipped for which reason. */
  public static void print(Manifest manifest, PrintWriter out) {
    manifest.splits().forEach((split, c) ->
        out.printf("%s: %d samples in %d blocks, %s%n", split, c.samples(), c.blocks(), c.buckets()));
    manifest.notes().forEach((name, value) -> out.println(name + ": " + value));
    for (Manifest.Skipped skipped : manifest.skipped()) {
      out.printf("skipped %d: %s, for example %s%n", skipped.count(), skipped.reason(), skipped.examples().getFirst());
    }
    out.flush();
  }

  /** As {@link #print(Manifest, PrintWriter)}, in UTF-8. */
  public static void print(Manifest manifest, PrintStream out) {
    print(manifest, new PrintWriter(out, false, StandardCharsets.UTF_8));
  }
}
