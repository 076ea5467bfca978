package kiln.data.queue;

/**
 * The writers whose queues a process fills: its blocks go round robin.
 *
 * @param first number of the first one
 * @param count how many
 */
public record Lanes(int first, int count) {
  public Lanes {
    if (first < 0 || count < 1) {
      throw new IllegalArgumentException("first=" + first + " count=" + count);
    }
  }

  boolean contains(int writer) {
    return writer >= first && writer < first + count;
  }

  /** The writer of the block with this number. */
  int of(long number) {
    return first + (int) (number % count);
  }
}
