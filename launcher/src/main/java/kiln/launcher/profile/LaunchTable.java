package kiln.launcher.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.model.plan.LaunchInfo;
import kiln.model.plan.Plan;

/** Sums launches by kind, and by layer, and lists the slowest. */
public final class LaunchTable implements Plan.LaunchProfiler {
  private static final double MILLI = 1e6; // nanoseconds

  private final Map<String, Total> byKind = new HashMap<>();
  private final Map<String, Total> byLayer = new HashMap<>();
  private long nanos;

  private static final class Total {
    private long launches;
    private long nanos;
    private long flops;
    private long bytes;

    void add(LaunchInfo info, long duration) {
      launches++;
      nanos += duration;
      flops += info.flops();
      bytes += info.bytes();
    }

    /** FLOP/ns are GFLOP/s; bytes/ns are GB/s. */
    private String rate(long amount) {
      return amount == 0 || nanos == 0 ? "" : String.format(Locale.ROOT, "%.1f", (double) amount / nanos);
    }
  }

  @Override
  public void launched(LaunchInfo info, long start, long end) {
    long duration = end - start;
    nanos += duration;
    byKind.computeIfAbsent(info.kind(), k -> new Total()).add(info, duration);
    byLayer.computeIfAbsent(layer(info), k -> new Total()).add(info, duration);
  }

  private static String layer(LaunchInfo info) {
    String place = info.layer().isEmpty() ? "" : info.layer() + (info.backward() ? " (backward)" : "") + ": ";
    return place + info.kind();
  }

  /** The kinds of launches, slowest first, under a line of headings. */
  public List<String> kinds(int most) {
    return table("kind", byKind, most);
  }

  /** The layers, each kind and direction apart, slowest first, under a line of headings. */
  public List<String> layers(int most) {
    return table("layer", byLayer, most);
  }

  private List<String> table(String title, Map<String, Total> totals, int most) {
    List<Map.Entry<String, Total>> rows =
        totals.entrySet().stream()
            .sorted(Comparator.comparingLong((Map.Entry<String, Total> row) -> row.getValue().nanos).reversed())
            .limit(most)
            .toList();
    int width = rows.stream().mapToInt(row -> row.getKey().length()).max().orElse(0);
    String format = "%-" + Math.max(width, title.length()) + "s %9s %10s %6s %9s %7s";
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, format, title, "launches", "ms", "share", "GFLOP/s", "GB/s"));
    for (Map.Entry<String, Total> row : rows) {
      Total total = row.getValue();
      String time = String.format(Locale.ROOT, "%.3f", total.nanos / MILLI);
      String share = String.format(Locale.ROOT, "%.1f %%", 100.0 * total.nanos / Math.max(1, nanos));
      String gigaflops = total.rate(total.flops);
      String gigabytes = total.rate(total.bytes);
      lines.add(String.format(Locale.ROOT, format, row.getKey(), total.launches, time, share, gigaflops, gigabytes).stripTrailing());
    }
    return lines;
  }
}
