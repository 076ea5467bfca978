package kiln.collectives;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * How a rank waits for others: it looks again and again for those that are about to come, then offers its core to others, and
 * soon leaves it, because a rank that computes may need it. At most a millisecond late after a long wait.
 */
public final class Patience {
  /**
   * Looks of about 0.1 microseconds: longer, in all, than a thread takes to wake up. If it were shorter, two ranks of which one
   * has once been late would both fall asleep in every operation from then on, each because the other just wakes up.
   */
  private static final int SPINS = 1500;

  /** Where ranks share cores, whoever is waited for may need this one. */
  private static final int SPINS_ON_SHARED_CORES = 200;

  private static final int YIELDS = 10;
  private static final long MIN_PARK_NANOS = 1_000;
  private static final long MAX_PARK_NANOS = 1_000_000;

  private Patience() {}

  /**
   * @param size number of ranks
   */
  public static IdleStrategy forPeers(int size) {
    boolean shared = size > Runtime.getRuntime().availableProcessors();
    return new BackoffIdleStrategy(shared ? SPINS_ON_SHARED_CORES : SPINS, YIELDS, MIN_PARK_NANOS, MAX_PARK_NANOS);
  }
}
