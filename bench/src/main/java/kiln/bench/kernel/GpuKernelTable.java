package kiln.bench.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kiln.bench.gpu.DevicePeaks;

/** Times of kernels on a GPU, and the shares of its peaks that they reach, as a table of Markdown. */
final class GpuKernelTable {
  private static final String HEADING = "| kernel | inputs | time | TFLOP/s | GB/s | bound by | share of that peak |";
  private static final double GIGA = 1e9;
  private static final double TERA = 1e12;
  private static final double MICRO = 1e-6;

  private final DevicePeaks peaks;
  private final List<String> rows = new ArrayList<>();

  GpuKernelTable(DevicePeaks peaks) {
    this.peaks = peaks;
  }

  /** One run takes so long. */
  void add(String name, KernelShape shape, double seconds) {
    double flops = shape.flops();
    double bytes = shape.bytes();
    String products = flops == 0 ? "–" : String.format(Locale.ROOT, "%.1f", flops / seconds / TERA);
    boolean memory = flops / peaks.flops() < bytes / peaks.bytes();
    rows.add(
        String.format(
            Locale.ROOT, "| %s | %s | %.1f µs | %s | %.0f | %s | %.0f %% |", name, shape, seconds / MICRO, products,
            bytes / seconds / GIGA, memory ? "memory" : "products", 100 * peaks.least(flops, bytes) / seconds));
  }

  void addRefused(String name, KernelShape shape, String why) {
    rows.add("| " + name + " | " + shape + " | – | – | – | " + why + " | – |");
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "measured: products in bfloat16 %.1f TFLOP/s, a copy %.0f GB/s; memory by its clock and bus %.0f GB/s",
            peaks.flops() / TERA, peaks.copiedBytes() / GIGA, peaks.cardBytes() / GIGA));
    lines.add("");
    lines.add(HEADING);
    lines.add(HEADING.replaceAll("[^|]+", "---"));
    lines.addAll(rows);
    lines.add("");
    lines.add("Times are those of the fastest run, by the device's clock. Bytes: each input and each output once.");
    return lines;
  }
}
