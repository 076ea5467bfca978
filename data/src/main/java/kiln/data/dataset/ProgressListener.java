package kiln.data.dataset;

import java.util.OptionalLong;
import kiln.data.queue.Split;

/** Told how far a build is; called often, from one thread. */
@FunctionalInterface
public interface ProgressListener {
  /**
   * @param done drafts of the split that have been stored or skipped
   * @param total drafts of the split, if known
   */
  void progress(Split split, long done, OptionalLong total);

  /**
   * The build goes on with what an earlier one has left.
   *
   * @param samples that are there
   * @param blocks that hold them
   */
  default void resumed(long samples, long blocks) {}

  /**
   * The build waits for a trainer to read.
   *
   * @param bytes that lie unread ahead of it
   */
  default void waiting(long bytes) {}
}
