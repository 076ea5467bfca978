package kiln.bench.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A case, measured: what is printed, and the JSON file.
 *
 * @param label of the case
 * @param dtype of products
 * @param height of the latents
 * @param width of the latents
 * @param tokens of the text
 * @param rows a comparison for each micro-batch
 * @param kiln Kiln's side
 * @param eager PyTorch as it is; null without it
 * @param compile PyTorch with torch.compile; null without it
 * @param notes what was not measured, and why; what the sides differ in
 */
record GpuReport(
    String label,
    String dtype,
    int height,
    int width,
    int tokens,
    List<Row> rows,
    GpuSide kiln,
    GpuSide eager,
    GpuSide compile,
    List<String> notes) {
  private static final double SAME_FLOPS = 0.01;

  /** One side's step. */
  record Step(double imagesPerSecond, double seconds, long peakBytes, long reservedBytes, long cardBytes) {
    static Step of(GpuSide side, int microBatch) {
      return side == null ? null : side.at(microBatch).map(Step::of).orElse(null);
    }

    private static Step of(GpuOutcome o) {
      return new Step(o.imagesPerSecond(), o.median(), o.peakBytes(), o.reservedBytes(), o.cardBytes());
    }
  }

  /**
   * A micro-batch.
   *
   * @param mfu share of the measured product peak that Kiln's step reaches, by the FLOPs of its products and convolutions
   * @param idle share of Kiln's step in which no kernel ran
   * @param toEager images per second of Kiln over those of PyTorch
   * @param toCompile the same with torch.compile
   * @param memoryToEager Kiln's peak over PyTorch's
   * @param memoryToCompile the same with torch.compile
   */
  record Row(
      int microBatch,
      Step kiln,
      Step eager,
      Step compile,
      Double mfu,
      Double idle,
      Double toEager,
      Double toCompile,
      Double memoryToEager,
      Double memoryToCompile) {}

  static GpuReport of(String label, GpuCase c, GpuSide kiln, GpuSide eager, GpuSide compile) {
    TreeSet<Integer> batches = new TreeSet<>();
    List<String> notes = new ArrayList<>();
    for (GpuSide side : new GpuSide[] {kiln, eager, compile}) {
      if (side != null) {
        side.measured().forEach(o -> batches.add(o.microBatch()));
        notes.addAll(side.refusals());
        notes.addAll(differences(kiln, side));
      }
    }
    List<Row> rows = batches.stream().map(n -> row(n, kiln, eager, compile)).toList();
    return new GpuReport(
        label, c.step().dtype(), c.step().height(), c.step().width(), c.step().tokens(), rows, kiln, eager, compile,
        List.copyOf(notes));
  }

  private static Row row(int n, GpuSide kiln, GpuSide eager, GpuSide compile) {
    Step ours = Step.of(kiln, n);
    Step theirs = Step.of(eager, n);
    Step compiled = Step.of(compile, n);
    Double mfu = ours == null ? null : kiln.info().stepFlops() * ours.imagesPerSecond() / kiln.info().peaks().flops();
    return new Row(
        n, ours, theirs, compiled, mfu, kiln.at(n).map(GpuOutcome::idle).orElse(null), faster(ours, theirs),
        faster(ours, compiled), smaller(ours, theirs), smaller(ours, compiled));
  }

  private static Double faster(Step ours, Step theirs) {
    return ours == null || theirs == null ? null : ours.imagesPerSecond() / theirs.imagesPerSecond();
  }

  private static Double smaller(Step ours, Step theirs) {
    boolean both = ours != null && theirs != null && theirs.peakBytes() > 0;
    return both ? (double) ours.peakBytes() / theirs.peakBytes() : null;
  }

  /** What makes a comparison of two sides one of different things. */
  private static List<String> differences(GpuSide kiln, GpuSide other) {
    List<String> lines = new ArrayList<>();
    GpuInfo ours = kiln.info();
    GpuInfo theirs = other.info();
    if (ours == null || theirs == null) {
      return lines;
    }
    if (ours.parameters() != theirs.parameters()) {
      lines.add(
          "not the same network: " + ours.parameters() + " parameters in Kiln, " + theirs.parameters() + " in " + other.name());
    }
    if (Math.abs(ours.forwardFlops() - theirs.forwardFlops()) > SAME_FLOPS * ours.forwardFlops()) {
      lines.add(
          "FLOPs of a forward pass differ: " + ours.forwardFlops() + " in Kiln, " + theirs.forwardFlops() + " in "
              + other.name());
    }
    return lines;
  }
}
