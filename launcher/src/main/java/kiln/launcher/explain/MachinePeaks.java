package kiln.launcher.explain;

import java.util.Locale;
import kiln.launcher.backend.CudaState;
import kiln.launcher.backend.DeviceProducts;
import kiln.launcher.backend.GpuCard;
import kiln.model.backend.cpu.PeakRates;
import kiln.model.graph.DType;
import kiln.model.plan.LaunchInfo;

/**
 * What a machine, or a GPU, can do at best.
 *
 * @param flops of products, per second
 * @param bytes of a copy in memory, read plus written, per second
 * @param source where the numbers are from, in words
 */
public record MachinePeaks(double flops, double bytes, String source) {
  /** Of this machine's processors. Takes about two seconds. */
  public static MachinePeaks measure(DType type) {
    return new MachinePeaks(PeakRates.product(type), PeakRates.copy(), "measured on this machine");
  }

  /** Of a GPU of this machine: products are measured, the memory's rate is that of its clock and bus. */
  public static MachinePeaks measure(CudaState.Device device, DType type) {
    String source = "GPU %d, %s: products measured, memory by its clock and bus".formatted(device.index(), device.name());
    return new MachinePeaks(DeviceProducts.measure(device.index(), type == DType.BF16), device.peakBytes(), source);
  }

  /** Of a GPU that need not be here. */
  public static MachinePeaks of(GpuCard card, DType type) {
    String source = String.format(Locale.ROOT, "%s, by NVIDIA's data sheet, without sparsity", card.card());
    return new MachinePeaks(card.peakFlops(type == DType.BF16), card.peakBytes(), source);
  }

  /** Seconds that a launch takes at least: it can neither compute nor move faster. */
  double seconds(LaunchInfo launch) {
    return Math.max(launch.flops() / flops, launch.bytes() / bytes);
  }
}
