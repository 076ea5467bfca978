package kiln.launcher.explain;

import kiln.model.backend.cpu.PeakRates;
import kiln.model.graph.DType;
import kiln.model.plan.LaunchInfo;

/**
 * What a machine can do at best.
 *
 * @param flops of products, per second
 * @param bytes of a copy in memory, read plus written, per second
 * @param measured whether they were measured on this machine, or given
 */
public record MachinePeaks(double flops, double bytes, boolean measured) {
  /** Takes about two seconds. */
  public static MachinePeaks measure(DType type) {
    return new MachinePeaks(PeakRates.product(type), PeakRates.copy(), true);
  }

  /** Seconds that a launch takes at least: it can neither compute nor move faster. */
  double seconds(LaunchInfo launch) {
    return Math.max(launch.flops() / flops, launch.bytes() / bytes);
  }
}
