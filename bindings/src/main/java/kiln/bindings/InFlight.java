package kiln.bindings;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the operations at work on a block of memory that outlive the calls that started them, so that it does not close under
 * them.
 */
public final class InFlight {
  private final AtomicInteger count = new AtomicInteger();

  public void acquire() {
    count.incrementAndGet();
  }

  public void release() {
    count.decrementAndGet();
  }

  /**
   * @param region the block's name
   * @throws IllegalStateException if an operation is still in flight
   */
  public void requireNone(String region) {
    int pending = count.get();
    if (pending != 0) {
      throw new IllegalStateException("region " + region + " still has " + pending + " operations in flight");
    }
  }
}
