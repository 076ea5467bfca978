package kiln.collectives.mpi;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** Transfers that are waited for together. Used by one thread at a time. */
final class MpiRequests {
  // All transfers of a process go on while somebody looks after one: often, and never long not at all.
  private static final int SPINS = 1000;
  private static final int YIELDS = 5;
  private static final long MIN_PARK_NANOS = 1_000;
  private static final long MAX_PARK_NANOS = 50_000;

  private final IdleStrategy idle = new BackoffIdleStrategy(SPINS, YIELDS, MIN_PARK_NANOS, MAX_PARK_NANOS);
  private final Object[] requests;
  private int count;

  /**
   * @param capacity how many there may be
   */
  MpiRequests(int capacity) {
    requests = new Object[capacity];
  }

  void add(Object request) {
    requests[count++] = request;
  }

  /** Waits for all of them, none if that has been done; the processor is offered to threads that compute. */
  void await() {
    idle.reset();
    for (int i = 0; i < count; i++) {
      while (!MpiBindings.test(requests[i])) {
        idle.idle();
      }
      requests[i] = null;
    }
    count = 0;
  }
}
