package kiln.bench.kernel;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.model.graph.DType;

/** Times of kernels, and what they say: rates, shares of the machine's peaks, and ratios. */
final class KernelTable {
  private static final double GIGA = 1e9;
  private static final double MICRO = 1e-6;
  private static final String HEADING = "| kernel | inputs | Kiln | rate | share of peak | oneDNN | oneDNN / Kiln | reference | reference / Kiln |";

  private final Map<KernelCase, Map<KernelSide, Double>> seconds = new EnumMap<>(KernelCase.class);
  private final Peaks peaks;

  /**
   * The machine's best, measured.
   *
   * @param f32 products, FLOP/s
   * @param bf16 the same in bfloat16; 0 if the processor does not multiply that
   * @param bytes read plus written by a copy, per second
   */
  record Peaks(double f32, double bf16, double bytes) {
    double of(KernelCase kernel) {
      if (!kernel.multiplies()) {
        return bytes;
      }
      return kernel.shape().type() == DType.BF16 ? bf16 : f32;
    }
  }

  KernelTable(Peaks peaks) {
    this.peaks = peaks;
  }

  /** One run of {@code kernel} by {@code side} takes so long. */
  void add(KernelCase kernel, KernelSide side, double oneRun) {
    seconds.computeIfAbsent(kernel, k -> new EnumMap<>(KernelSide.class)).put(side, oneRun);
  }

  /** A table of Markdown, and what its signs mean. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(HEADING);
    lines.add(HEADING.replaceAll("[^|]+", "---"));
    seconds.forEach((kernel, sides) -> lines.add(row(kernel, sides)));
    lines.add("");
    lines.add("Times are those of the fastest run; what memory bounds stays in the caches here, and may pass the peak of a copy.");
    lines.add("oneDNN: its primitive alone, weights packed before; – where it has none. Reference: plain Java on one thread;");
    lines.add("* on a smaller input, where the ratio is that of the rates.");
    return lines;
  }

  private String row(KernelCase kernel, Map<KernelSide, Double> sides) {
    Double kiln = sides.get(KernelSide.KILN);
    Double library = sides.get(KernelSide.LIBRARY);
    Double reference = sides.get(KernelSide.REFERENCE);
    double work = KernelCase.work(kernel.shape());
    String rate = "–";
    String share = "–";
    String toLibrary = "–";
    String toReference = "–";
    if (kiln != null) {
      String unit = kernel.multiplies() ? "GFLOP/s" : "GB/s";
      rate = String.format(Locale.ROOT, "%.0f %s", work / kiln / GIGA, unit);
      share = String.format(Locale.ROOT, "%.0f %%", 100 * work / kiln / peaks.of(kernel));
      toLibrary = library == null ? "–" : String.format(Locale.ROOT, "%.2f", library / kiln);
      double same = reference == null ? 0 : reference * work / KernelCase.work(kernel.small());
      toReference = reference == null ? "–" : String.format(Locale.ROOT, "%.0f", same / kiln);
    }
    String star = kernel.hasSmall() && reference != null ? "*" : "";
    return "| "
        + String.join(
            " | ", kernel.name(), kernel.shape().toString(), time(kiln), rate, share, time(library), toLibrary,
            time(reference) + star, toReference)
        + " |";
  }

  private static String time(Double oneRun) {
    return oneRun == null ? "–" : String.format(Locale.ROOT, "%.1f µs", oneRun / MICRO);
  }
}
