package kiln.model.plan;

import java.util.List;
import java.util.Map;
import kiln.model.graph.Value;

/**
 * A graph made ready to run: launches on buffers whose places are fixed. Running it is a loop over an array, or less; nothing is
 * allocated, looked up or decided. Made by {@link PlanBuilder}.
 */
public final class Plan implements AutoCloseable {
  private final Program program;
  private final PlanRunner runner;
  private final Map<Value, Buffer> visible;
  private final List<Runnable> cleanup;
  private final long flops;
  private final long bytes;
  private boolean anew = true; // whether the next run begins with the first launch

  /**
   * @param ownedBytes of memory that is the plan's
   * @param cleanup gives back what the plan has taken
   */
  Plan(Program program, PlanRunner runner, Map<Value, Buffer> visible, long ownedBytes, List<Runnable> cleanup) {
    this.program = program;
    this.runner = runner;
    this.visible = visible;
    this.cleanup = List.copyOf(cleanup);
    this.bytes = ownedBytes + program.launches().stream().mapToLong(Launch::keptBytes).sum();
    this.flops = program.infos().stream().skip(program.steadyLaunches()).mapToLong(LaunchInfo::flops).sum();
  }

  /**
   * The place of an input or of a value that was asked for as output, in the memory of this process unless it was bound to a place
   * of the backend's.
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
    anew = true;
  }

  /** Runs all launches in order, but not those that would compute what the last run has left. */
  public void run() {
    start();
    await();
  }

  /**
   * Sets out with the inputs of the next run, while this plan or another one of the backend may still be running; they may change
   * again when this returns. A run brings them itself if this was not called.
   */
  public void stage() {
    runner.stage(anew);
  }

  /** As {@link #run()}, but may return before the end, which {@link #await} waits for. */
  public void start() {
    runner.start(anew);
    anew = false;
  }

  /** Returns when the outputs of the run that was started last can be read. */
  public void await() {
    runner.await();
  }

  /** As {@link #run()}, and tells {@code profiler} when each launch ran. */
  public void run(LaunchProfiler profiler) {
    runner.run(anew, profiler);
    anew = false;
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
    return program.launches().size();
  }

  /** Bytes of intermediates, inputs, outputs and scratch that the plan owns, and of what its kernels keep from run to run. */
  public long bytes() {
    return bytes;
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
    runner.close();
    program.launches().forEach(Launch::close);
    cleanup.forEach(Runnable::run);
  }
}
