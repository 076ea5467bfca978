package kiln.bench.scaling;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import kiln.collectives.AllReduceCost;

/**
 * The model's numbers, from some of the measured points, and its errors on the others. From one rank alone: seconds of
 * forward, backward and update, and when each gradient is final. From ranks that fill the cores, without overlap: how much
 * slower computing and updating are when the others compute beside. From the starts of runs: α and β of the transport for
 * that number of ranks, as the least disturbed of them found it.
 */
final class Calibration {
  private static final double MICRO = 1e6;
  private static final double GIGA = 1e9;
  private static final double MEGABYTE = 1 << 20;

  private final Point one;
  private final int cores;
  private final boolean alone;
  private final double slowerComputing;
  private final double slowerUpdating;

  private Calibration(Point one, int cores, boolean alone, double slowerComputing, double slowerUpdating) {
    this.one = one;
    this.cores = cores;
    this.alone = alone;
    this.slowerComputing = slowerComputing;
    this.slowerUpdating = slowerUpdating;
  }

  /**
   * @param points of which one has one rank with one micro-batch
   * @param alone whether Open MPI's ranks are on this machine alone, and so need its cores to move their bytes
   */
  static Calibration of(List<Point> points, int cores, boolean alone) {
    Point one = points.stream().filter(p -> p.ranks() == 1 && p.microBatches() == 1).findFirst().orElseThrow();
    Point full = points.stream().filter(p -> p.ranks() == cores && isReference(p)).findFirst().orElse(one);
    return new Calibration(
        one,
        cores,
        alone,
        full.times().computing() / one.times().computing(),
        full.times().updating() / one.times().updating());
  }

  private static boolean isReference(Point p) {
    return !p.overlaps() && p.weak() && p.transport().equals("local");
  }

  private boolean isCalibration(Point p) {
    return p == one || (p.ranks() == cores && isReference(p));
  }

  /** As one rank alone computes; for predictions where every rank has a machine of its own. */
  StepModel alone() {
    StepTimes t = one.times();
    return StepModel.of(t, t.computing(), t.computing(), t.updating());
  }

  /** Seconds that the model gives for a measured point. */
  private double seconds(Point p, List<Point> points) {
    StepTimes t = one.times();
    double crowd = Math.max(1, (double) p.ranks() / cores);
    boolean beside = p.ranks() > 1;
    double micro = t.computing() * crowd * (beside ? slowerComputing : 1);
    double updating = t.updating() * crowd * (beside ? slowerUpdating : 1);
    StepModel model = StepModel.of(t, p.microBatches() * micro, micro, updating);
    if (p.ranks() == 1) {
      return model.alone();
    }
    return model.seconds(cost(p, points), p.times().bucketBytes(), p.overlaps(), share(p));
  }

  /** Of the time of communication, σ: what takes the core that computes. */
  private double share(Point p) {
    return p.ranks() >= cores && (alone || p.transport().equals("local")) ? 1 : 0;
  }

  /** Of runs with as many ranks over the same transport, the one in which a megabyte took the least time. */
  private static AllReduceCost cost(Point p, List<Point> points) {
    return points.stream()
        .filter(other -> other.ranks() == p.ranks() && other.transport().equals(p.transport()))
        .filter(other -> other.times().bandwidth() > 0)
        .map(other -> new AllReduceCost(other.times().latency(), other.times().bandwidth()))
        .min(Comparator.comparingDouble(cost -> cost.seconds(MEGABYTE)))
        .orElseThrow();
  }

  /** A row of Markdown for every point, and the largest error. */
  void print(List<Point> points, PrintStream out) {
    out.println(
        "| transport | scaling | ranks | micro-batches | overlap | step | samples/s | × one rank | computing | waiting |"
            + " updating | under way | hidden | α | β | model | error |");
    out.println("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    double worst = 0;
    for (Point p : points) {
      StepTimes t = p.times();
      double error = seconds(p, points) / t.step() - 1;
      boolean checked = !isCalibration(p);
      worst = checked ? Math.max(worst, Math.abs(error)) : worst;
      out.printf(
          Locale.ROOT,
          "| %s | %s | %d | %d | %s | %.3f s | %.3f | %.2f | %.3f s | %.3f s | %.3f s | %.3f s | %.0f %% | %.0f us |"
              + " %.2f GB/s | %.3f s | %s |%n",
          p.transport(), p.scaling(), p.ranks(), p.microBatches(), p.overlaps() ? "on" : "off", t.step(),
          p.samplesPerSecond(), p.samplesPerSecond() / one.samplesPerSecond(), t.computing(), t.waiting(), t.updating(),
          t.communication(), 100 * t.hidden(), t.latency() * MICRO, t.bandwidth() / GIGA, seconds(p, points),
          checked ? String.format(Locale.ROOT, "%+.1f %%", 100 * error) : "calibration");
    }
    out.printf(
        Locale.ROOT,
        "%nmodel: %d ranks beside each other compute %.2f, update %.2f times as long as one; largest error %.1f %%%n%n",
        cores, slowerComputing, slowerUpdating, 100 * worst);
  }
}
