package kiln.model.plan;

/** Runs the launches of one plan in the way of a backend. */
public interface PlanRunner extends AutoCloseable {
  /**
   * Sets out with the inputs of the next run, while the one before it may still be under way: the caller may change them when this
   * returns. {@link #start} does so itself if nobody has.
   *
   * @param anew whether steady inputs have changed, or this is the first run
   */
  void stage(boolean anew);

  /**
   * Runs or queues the launches in order.
   *
   * @param anew as {@link #stage}; else the steady launches are left out
   */
  void start(boolean anew);

  /** Returns when the outputs of what was started last can be read. */
  void await();

  /** {@link #start} and {@link #await}; tells {@code profiler} when each launch ran. */
  void run(boolean anew, Plan.LaunchProfiler profiler);

  @Override
  void close();
}
