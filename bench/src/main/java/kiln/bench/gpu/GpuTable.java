package kiln.bench.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A {@link GpuReport} as lines to print: what was measured, a table of Markdown, and what else there is to say. */
final class GpuTable {
  private static final double GIGA = 1e9;
  private static final double TERA = 1e12;
  private static final int LAYERS = 40;
  private static final String NONE = "–";

  private final GpuReport report;

  GpuTable(GpuReport report) {
    this.report = report;
  }

  /** What, on what. */
  List<String> heading() {
    List<String> lines = new ArrayList<>();
    GpuInfo info = report.kiln().info();
    if (info != null) {
      DevicePeaks peaks = info.peaks();
      lines.add(String.format(
          Locale.ROOT, "%s: training step of a UNet of %,d parameters, latents %d×%d, %d tokens, %s; %.1f GFLOP an image",
          report.label(), info.parameters(), report.height(), report.width(), report.tokens(), report.dtype(),
          info.stepFlops() / GIGA));
      lines.add(String.format(
          Locale.ROOT, "%s; measured: products %.1f TFLOP/s, a copy %.0f GB/s; memory by its clock and bus %.0f GB/s",
          info.device(), peaks.flops() / TERA, peaks.copiedBytes() / GIGA, peaks.cardBytes() / GIGA));
    }
    Stream.of(report.kiln(), report.eager(), report.compile())
        .filter(side -> side != null && side.info() != null)
        .forEach(side -> lines.add(side.name() + ": " + side.info().versions()));
    return lines;
  }

  /** A row for each micro-batch. */
  List<String> table() {
    List<String> titles =
        new ArrayList<>(List.of("micro-batch", "Kiln images/s", "s/step", "MFU", "idle", "Kiln GB (card)"));
    boolean eager = report.eager() != null;
    boolean compile = report.compile() != null;
    if (eager) {
      titles.addAll(List.of("eager images/s", "s/step", "Kiln ÷ eager", "eager GB (card)", "memory ÷ eager"));
    }
    if (compile) {
      titles.addAll(List.of("compile images/s", "s/step", "Kiln ÷ compile", "compile GB (card)", "memory ÷ compile"));
    }
    List<String> lines = new ArrayList<>();
    lines.add(line(titles));
    lines.add(lines.getFirst().replaceAll("[^|]+", "---"));
    for (GpuReport.Row row : report.rows()) {
      List<String> cells = new ArrayList<>(List.of(Integer.toString(row.microBatch())));
      cells.addAll(times(row.kiln()));
      cells.addAll(List.of(percent(row.mfu()), percent(row.idle()), memory(row.kiln())));
      if (eager) {
        cells.addAll(times(row.eager()));
        cells.addAll(List.of(ratio(row.toEager()), memory(row.eager()), ratio(row.memoryToEager())));
      }
      if (compile) {
        cells.addAll(times(row.compile()));
        cells.addAll(List.of(ratio(row.toCompile()), memory(row.compile()), ratio(row.memoryToCompile())));
      }
      lines.add(line(cells));
    }
    return lines;
  }

  /** What signs mean, each side's best, and what was not measured. */
  List<String> notes() {
    List<String> lines = new ArrayList<>();
    lines.add("s/step: median. GB: most that tensors and scratch had at once (Kiln's pool; torch.cuda.max_memory_allocated), and");
    lines.add("in brackets what was taken of the card, with context and libraries. Idle: 1 - sum of kernels / step; kernels are");
    lines.add("measured one by one, when they take a little longer than in a row, so it can be below 0.");
    String best = best(report.kiln()) + best(report.eager()) + best(report.compile());
    if (!best.isEmpty()) {
      lines.add("Most images/s:" + best.substring(1));
    }
    lines.addAll(report.notes());
    return lines;
  }

  private static String best(GpuSide side) {
    return side == null
        ? ""
        : side.best()
            .map(o -> String.format(
                Locale.ROOT, ", %s %.2f (micro-batch %d)", side.name(), o.imagesPerSecond(), o.microBatch()))
            .orElse("");
  }

  /** Kernels of Kiln's step of most images per second, if they were asked for. */
  List<String> kernels() {
    GpuOutcome best = report.kiln().best().orElse(null);
    if (best == null || best.kernels() == null) {
      return List.of();
    }
    KernelRows rows = new KernelRows(best.kernels(), report.kiln().info().peaks());
    List<String> lines = new ArrayList<>();
    lines.add("Kernels of Kiln's step of micro-batch " + best.microBatch() + ", " + best.launches() + " launches:");
    lines.add("");
    lines.addAll(rows.kinds());
    lines.add("");
    lines.addAll(rows.layers(LAYERS));
    return lines;
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }

  private static List<String> times(GpuReport.Step step) {
    return step == null
        ? List.of(NONE, NONE)
        : List.of(
            String.format(Locale.ROOT, "%.2f", step.imagesPerSecond()), String.format(Locale.ROOT, "%.4f", step.seconds()));
  }

  private static String memory(GpuReport.Step step) {
    return step == null
        ? NONE
        : String.format(Locale.ROOT, "%.2f (%.2f)", step.peakBytes() / GIGA, step.cardBytes() / GIGA);
  }

  private static String percent(Double share) {
    return share == null ? NONE : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String ratio(Double ratio) {
    return ratio == null ? NONE : String.format(Locale.ROOT, "%.2f", ratio);
  }
}
