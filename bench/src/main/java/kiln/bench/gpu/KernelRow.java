package kiln.bench.gpu;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Launches of one kind in one layer, summed.
 *
 * @param kind of operation
 * @param layer its name, with {@code (backward)}; empty outside of layers
 * @param flops of products and convolutions
 * @param bytes read and written at least
 * @param leastSeconds that a device at its peaks would take, each launch bound by its products or by its bytes
 */
record KernelRow(String kind, String layer, int calls, double seconds, double flops, double bytes, double leastSeconds) {
  KernelRow plus(KernelRow other) {
    return new KernelRow(
        kind, layer, calls + other.calls, seconds + other.seconds, flops + other.flops, bytes + other.bytes,
        leastSeconds + other.leastSeconds);
  }

  /** Share of the peak that bounds it; 0 if it has no work that counts. */
  @JsonProperty("share")
  double share() {
    return seconds > 0 ? leastSeconds / seconds : 0;
  }

  /** The same for all layers. */
  KernelRow ofKind() {
    return new KernelRow(kind, "", calls, seconds, flops, bytes, leastSeconds);
  }

  /** Whether its products would take longer than its bytes, at the device's peaks. */
  boolean isBoundByProducts(DevicePeaks peaks) {
    return flops / peaks.flops() >= bytes / peaks.bytes();
  }
}
