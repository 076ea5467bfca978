package kiln.collectives;

/** A collective that has been issued. Its memory belongs to it until {@link #await} has returned or thrown. */
public interface Pending {
  /**
   * Waits until this rank's part is done: results are in place, inputs may be overwritten. Of an operation on memory of a device, that
   * is so for whatever is launched there from then on; the host may go on before, so {@link #isDone} may still say no. If it fails
   * later, {@link Communicator#check} and every later call throw that.
   *
   * @throws CollectiveException if it failed; {@link PeerLostException} if that was because of another rank
   */
  void await();

  /** Whether {@link #await} would return or throw at once. */
  boolean isDone();

  /** Whether {@link Communicator#startAfter} would start an operation after this one without waiting for it. */
  default boolean canBeFollowed() {
    return isDone();
  }

  /** How long it ran, from its start in the background to its end, waiting for other ranks included. 0 until it is done. */
  long nanos();

  /** How long a device stood still for it, after {@link #await}, once it is done; 0 where the host waits instead. */
  default long stoodStillNanos() {
    return 0;
  }

  /** When it started in the background, of {@link System#nanoTime}. 0 until it is done. */
  long started();
}
