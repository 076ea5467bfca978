package kiln.model.plan;

/** Runs the launches of one plan in the way of a backend. */
public interface PlanRunner extends AutoCloseable {
  /**
   * Brings inputs to where launches read them, and runs or queues all launches in order.
   *
   * @param first launch to run; those before it have been run, and steady inputs are what they were
   */
  void start(int first);

  /** Returns when the outputs of the run that was started first, of those that nobody has waited for yet, can be read. */
  void await();

  /** {@link #start} and {@link #await}; tells {@code profiler} when each launch ran. */
  void run(int first, Plan.LaunchProfiler profiler);

  @Override
  void close();
}
