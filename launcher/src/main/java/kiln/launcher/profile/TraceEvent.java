package kiln.launcher.profile;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import kiln.model.plan.LaunchInfo;

/**
 * A complete event ({@code "ph": "X"}) of the Trace Event Format that Chrome and Perfetto read; times in microseconds.
 *
 * @param category the kind of launch, {@link #STEP} or {@link #COLLECTIVE}
 * @param process the rank
 * @param thread {@link #COMPUTE} or {@link #BACKGROUND}
 */
record TraceEvent(
    @JsonProperty("name") String name,
    @JsonProperty("cat") String category,
    @JsonProperty("ph") String phase,
    @JsonProperty("pid") int process,
    @JsonProperty("tid") int thread,
    @JsonProperty("ts") double start,
    @JsonProperty("dur") double duration,
    @JsonProperty("args") Arguments arguments) {

  /** Encloses all else that the rank's thread does in a step. */
  static final String STEP = "step";

  static final String COLLECTIVE = "collective";

  /** The thread that runs the step. */
  static final int COMPUTE = 1;

  /** The thread that joins the ranks beside it. */
  static final int BACKGROUND = 2;

  private static final double MICRO = 1e3; // nanoseconds

  /** Speeds in GFLOP/s and GB/s; what does not apply is absent. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Arguments(
      @JsonProperty("step") long step,
      @JsonProperty("pass") String pass,
      @JsonProperty("flops") Long flops,
      @JsonProperty("gflop_per_s") Double gigaflops,
      @JsonProperty("bytes") Long bytes,
      @JsonProperty("gb_per_s") Double gigabytes) {}

  /** A launch, or something like it, from {@code start} to {@code end} of {@link System#nanoTime}. */
  static TraceEvent of(LaunchInfo info, String category, int rank, int thread, long step, long start, long end) {
    long duration = end - start;
    String layer = info.layer();
    Arguments arguments =
        new Arguments(
            step,
            layer.isEmpty() ? null : info.backward() ? "backward" : "forward",
            info.flops() == 0 ? null : info.flops(),
            rate(info.flops(), duration),
            info.bytes() == 0 ? null : info.bytes(),
            rate(info.bytes(), duration));
    String name = layer.isEmpty() ? info.kind() : layer;
    return new TraceEvent(name, category, "X", rank, thread, start / MICRO, duration / MICRO, arguments);
  }

  private static Double rate(long amount, long nanos) {
    return amount == 0 || nanos == 0 ? null : (double) Math.round(1e3 * amount / nanos) / 1e3;
  }
}
