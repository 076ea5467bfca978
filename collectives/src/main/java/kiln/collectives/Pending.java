package kiln.collectives;

/** A collective that has been issued. Its memory belongs to it until {@link #await} has returned or thrown. */
public interface Pending {
  /**
   * Waits until this rank's part is done: results are in place, inputs may be overwritten.
   *
   * @throws CollectiveException if it failed; {@link PeerLostException} if that was because of another rank
   */
  void await();

  /** Whether {@link #await} would return or throw at once. */
  boolean isDone();

  /** How long it ran, from its start in the background to its end, waiting for other ranks included. 0 until it is done. */
  long nanos();

  /** When it started in the background, of {@link System#nanoTime}. 0 until it is done. */
  long started();
}
