package kiln.collectives;

/** A rank that this rank waits for will not come: its process ended, it closed its communicator, or it aborted. */
public final class PeerLostException extends CollectiveException {
  private static final long serialVersionUID = 1;

  private final int rank;
  private final String reason;
  private final String operation;
  private final long sequence;
  private final long bytes;

  /**
   * @param rank the rank that is lost
   * @param reason what became of it
   * @param operation what this rank was doing, as {@link Collective#name}
   * @param sequence how many operations came before that on this communicator
   * @param bytes size of the operation
   */
  public PeerLostException(int rank, String reason, String operation, long sequence, long bytes) {
    super("lost rank %d (%s) during %s, sequence=%d, bytes=%d".formatted(rank, reason, operation, sequence, bytes));
    this.rank = rank;
    this.reason = reason;
    this.operation = operation;
    this.sequence = sequence;
    this.bytes = bytes;
  }

  public int rank() {
    return rank;
  }

  public String reason() {
    return reason;
  }

  public String operation() {
    return operation;
  }

  public long sequence() {
    return sequence;
  }

  public long bytes() {
    return bytes;
  }
}
