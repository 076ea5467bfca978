package kiln.bench.gpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.model.plan.LaunchInfo;
import kiln.model.plan.Plan;

/** Sums launches by kind and layer. */
final class KernelProfile implements Plan.LaunchProfiler {
  private static final double NANO = 1e-9;

  private record Key(String kind, String layer) {}

  private final DevicePeaks peaks;
  private final Map<Key, KernelRow> rows = new LinkedHashMap<>();
  private int launches;

  KernelProfile(DevicePeaks peaks) {
    this.peaks = peaks;
  }

  @Override
  public void launched(LaunchInfo info, long start, long end) {
    String layer = info.layer() + (info.backward() ? " (backward)" : "");
    double least = peaks.least(info.flops(), info.bytes());
    KernelRow one = new KernelRow(info.kind(), layer, 1, (end - start) * NANO, info.flops(), info.bytes(), least);
    rows.merge(new Key(info.kind(), layer), one, KernelRow::plus);
    launches++;
  }

  /** In the order in which they were first launched. */
  List<KernelRow> rows() {
    return List.copyOf(rows.values());
  }

  int numLaunches() {
    return launches;
  }

  /** Of all launches. */
  double seconds() {
    return rows.values().stream().mapToDouble(KernelRow::seconds).sum();
  }
}
