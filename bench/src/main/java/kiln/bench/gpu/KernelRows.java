package kiln.bench.gpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Kernels of a step, slowest first, as tables of Markdown: which share of the device's peaks they reach. */
final class KernelRows {
  private static final String RATES = " calls | ms | share of step | TFLOP/s | GB/s | bound by | share of that peak |";
  private static final double GIGA = 1e9;
  private static final double TERA = 1e12;
  private static final double KILO = 1e3;

  private final List<KernelRow> rows;
  private final DevicePeaks peaks;
  private final double all;

  KernelRows(List<KernelRow> rows, DevicePeaks peaks) {
    this.rows = rows;
    this.peaks = peaks;
    this.all = rows.stream().mapToDouble(KernelRow::seconds).sum();
  }

  /** A row for each kind of operation. */
  List<String> kinds() {
    Map<String, KernelRow> kinds = new LinkedHashMap<>();
    rows.forEach(row -> kinds.merge(row.kind(), row.ofKind(), KernelRow::plus));
    List<String> lines = table("| operation |" + RATES, List.copyOf(kinds.values()), Integer.MAX_VALUE, false);
    KernelRow sum = new KernelRow("all", "", 0, 0, 0, 0, 0);
    for (KernelRow row : rows) {
      sum = sum.plus(row);
    }
    lines.add(line(sum, false));
    return lines;
  }

  /** A row for each kind in each layer. */
  List<String> layers(int most) {
    return table("| operation | layer |" + RATES, rows, most, true);
  }

  private List<String> table(String heading, List<KernelRow> of, int most, boolean layered) {
    List<String> lines = new ArrayList<>();
    lines.add(heading);
    lines.add(heading.replaceAll("[^|]+", "---"));
    of.stream()
        .sorted(Comparator.comparingDouble(KernelRow::seconds).reversed())
        .limit(most)
        .forEach(row -> lines.add(line(row, layered)));
    return lines;
  }

  private String line(KernelRow row, boolean layered) {
    boolean counts = row.leastSeconds() > 0;
    String limit = !counts ? "–" : row.isBoundByProducts(peaks) ? "products" : "memory";
    return String.format(
        Locale.ROOT, "| %s |%s %d | %.3f | %s | %s | %s | %s | %s |",
        row.kind(), layered ? " " + row.layer() + " |" : "", row.calls(), row.seconds() * KILO, percent(row.seconds() / all),
        rate(row.flops() / TERA, row.seconds()), rate(row.bytes() / GIGA, row.seconds()), limit,
        counts && row.seconds() > 0 ? percent(row.share()) : "–");
  }

  private static String rate(double amount, double seconds) {
    return amount == 0 || seconds == 0 ? "–" : String.format(Locale.ROOT, "%.1f", amount / seconds);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
