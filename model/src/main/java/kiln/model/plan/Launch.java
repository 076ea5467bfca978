package kiln.model.plan;

/** A kernel bound to its buffers: all that a step does is to run a list of these. */
@FunctionalInterface
public interface Launch extends AutoCloseable {
  /** Runs the kernel to its end. Allocates nothing on the Java heap. */
  void run();

  /** Frees what the launch holds natively. */
  @Override
  default void close() {}
}
