package kiln.launcher.parallel;

import java.io.IOException;
import kiln.model.train.StatePart;

/** Has the parts of a training state whole where they are wanted, however ranks have divided them. */
public interface WholeParts {
  /** What is done with a whole part. */
  @FunctionalInterface
  interface Action<T> {
    T run() throws IOException;
  }

  /**
   * Collective: makes a part whole on rank 0, runs {@code action} there, and gives back what was not there before. All ranks name
   * the same parts in the same order.
   *
   * @return what {@code action} returns; null on other ranks
   */
  <T> T whole(StatePart part, Action<T> action) throws IOException;
}
