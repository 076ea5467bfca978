package kiln.model.plan;

/** A kernel bound to its buffers: all that a step does is to run a list of these. */
@FunctionalInterface
public interface Launch extends AutoCloseable {
  /** Runs the kernel to its end. Allocates nothing on the Java heap. */
  void run();

  /** Bytes that the launch takes at its first run and keeps until it is closed, such as weights that it has rearranged. */
  default long keptBytes() {
    return 0;
  }

  /** Frees what the launch holds natively. */
  @Override
  default void close() {}
}
