package kiln.collectives.record;

/**
 * Where one rank stands on one communicator.
 *
 * @param communicator its name, the same on all its ranks
 * @param rank in it
 * @param size its number of ranks
 * @param issued how many operations this rank has issued on it; the next one's sequence number
 * @param ended how many of them have ended; the sequence number of the one under way
 * @param kind of the one under way, or of the last one if none is; null if there was none
 * @param bytes of the same
 * @param waitingNanos for how long it has been under way; 0 if none is
 */
public record LaneState(
    String communicator, int rank, int size, long issued, long ended, OperationKind kind, long bytes, long waitingNanos) {
  /** Whether an operation has been issued and has not ended. */
  public boolean underWay() {
    return ended < issued;
  }
}
