package kiln.model.plan;

import java.util.List;
import java.util.Map;
import kiln.bindings.Region;
import kiln.model.graph.Value;

/**
 * A graph made ready to run: launches on buffers whose places are fixed. Running it is a loop over an array; nothing is
 * allocated, looked up or decided. Made by {@link PlanBuilder}.
 */
public final class Plan implements AutoCloseable {
  private final Launch[] launches;
  private final LaunchInfo[] infos;
  private final int steadyLaunches;
  private final Map<Value, Buffer> visible;
  private final Region region;
  private final long flops;
  private final long kept;
  private int start; // the first launch of the next run

  /**
   * @param steadyLaunches how many, the first ones, follow from steady inputs and constants alone
   * @param region to close with the plan; null if it lies in memory of the caller's
   */
  Plan(
      List<Launch> launches, List<LaunchInfo> infos, int steadyLaunches, Map<Value, Buffer> visible, Region region) {
    this.launches = launches.toArray(Launch[]::new);
    this.infos = infos.toArray(LaunchInfo[]::new);
    this.steadyLaunches = steadyLaunches;
    this.visible = visible;
    this.region = region;
    this.kept = launches.stream().mapToLong(Launch::keptBytes).sum();
    this.flops = infos.stream().skip(steadyLaunches).mapToLong(LaunchInfo::flops).sum();
  }

  /**
   * The place of an input or of a value that was asked for as output.
   *
   * @throws IllegalArgumentException for any other value: its memory is shared with others
   */
  public Buffer buffer(Value value) {
    Buffer buffer = visible.get(value);
    if (buffer == null) {
      throw new IllegalArgumentException(value + " is neither an input nor an output of the plan");
    }
    return buffer;
  }

  /** Says that steady inputs have other values than at the last run, or that its memory has been used by others since. */
  public void steadyInputsChanged() {
    start = 0;
  }

  /** Runs all launches in order, but not those that would compute what the last run has left. */
  public void run() {
    for (int i = start; i < launches.length; i++) {
      launches[i].run();
    }
    start = steadyLaunches;
  }

  /** As {@link #run()}, and tells {@code profiler} when each launch ran. */
  public void run(LaunchProfiler profiler) {
    for (int i = start; i < launches.length; i++) {
      long begin = System.nanoTime();
      launches[i].run();
      profiler.launched(infos[i], begin, System.nanoTime());
    }
    start = steadyLaunches;
  }

  /** Hears of every launch of a profiled run. */
  @FunctionalInterface
  public interface LaunchProfiler {
    /**
     * @param start of {@link System#nanoTime}
     * @param end of the same clock
     */
    void launched(LaunchInfo info, long start, long end);
  }

  public int numLaunches() {
    return launches.length;
  }

  /** Bytes of intermediates, inputs, outputs and scratch that the plan owns, and of what its kernels keep from run to run. */
  public long bytes() {
    return (region == null ? 0 : region.byteSize()) + kept;
  }

  /**
   * Floating-point operations of a run that follows another one: products and convolutions, a multiplication and an addition
   * counting as two.
   */
  public long flops() {
    return flops;
  }

  @Override
  public void close() {
    for (Launch launch : launches) {
      launch.close();
    }
    if (region != null) {
      region.close();
    }
  }
}
