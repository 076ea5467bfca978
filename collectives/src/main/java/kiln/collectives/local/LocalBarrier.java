package kiln.collectives.local;

import static kiln.collectives.local.LocalSegmentDescriptor.STATE_LEFT;

import java.util.concurrent.TimeUnit;
import kiln.collectives.Collective;
import kiln.collectives.CollectiveException;
import kiln.collectives.Patience;
import kiln.collectives.PeerLostException;
import org.agrona.concurrent.IdleStrategy;

/**
 * Waits until all ranks have come, and notices those that will not. Every rank counts its own arrivals in a cache line of its
 * own; nobody writes what another writes.
 */
final class LocalBarrier {
  /** How often a waiting rank looks whether those it waits for still live. */
  private static final long LIVENESS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final LocalSegment segment;
  private final int rank;
  private final IdleStrategy idle;
  private long arrivals;
  private volatile boolean closing;

  LocalBarrier(LocalSegment segment, int rank) {
    this.segment = segment;
    this.rank = rank;
    this.idle = Patience.forPeers(segment.numRanks());
  }

  /** Makes {@link #await}, under way or to come, fail. Called from any thread. */
  void close() {
    closing = true;
  }

  /**
   * What this rank wrote to the segment before is seen by all ranks after it.
   *
   * @param collective what this is a part of
   * @throws PeerLostException if a rank will not come
   * @throws CollectiveException if {@link #close} is called
   */
  void await(Collective collective, long sequence) {
    arrivals++;
    segment.arrive(rank, arrivals);
    for (int other = 0; other < segment.numRanks(); other++) {
      if (segment.arrivals(other) < arrivals) {
        await(other, collective, sequence);
      }
    }
  }

  /**
   * @throws PeerLostException if a rank has been declared lost
   */
  void checkFailure(Collective collective, long sequence) {
    int lost = segment.lostRank();
    if (lost >= 0) {
      throw new PeerLostException(lost, segment.lostReason(), collective.name(), sequence, collective.bytes());
    }
  }

  private void await(int other, Collective collective, long sequence) {
    idle.reset();
    long nextLook = System.nanoTime() + LIVENESS_NANOS;
    while (segment.arrivals(other) < arrivals) {
      if (closing) {
        throw new CollectiveException(collective.name() + " was under way when the communicator was closed");
      }
      checkFailure(collective, sequence);
      checkLeft();
      idle.idle();
      if (System.nanoTime() - nextLook > 0) {
        checkAlive();
        nextLook = System.nanoTime() + LIVENESS_NANOS;
      }
    }
  }

  private void checkLeft() {
    for (int other = 0; other < segment.numRanks(); other++) {
      // In this order: a rank that has left came to all its barriers before.
      if (segment.state(other) == STATE_LEFT && segment.arrivals(other) < arrivals) {
        segment.fail(other, "it closed its communicator");
      }
    }
  }

  private void checkAlive() {
    for (int other = 0; other < segment.numRanks(); other++) {
      if (segment.arrivals(other) < arrivals && !segment.identity(other).isAlive()) {
        segment.fail(other, "process " + segment.identity(other).pid() + " has ended");
      }
    }
  }
}
