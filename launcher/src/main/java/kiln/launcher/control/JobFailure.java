package kiln.launcher.control;

/**
 * Why a job cannot go on, in the same words on every rank.
 *
 * @param cause what kind of end
 * @param rank the one that it is about
 * @param line what the user is told
 */
public record JobFailure(Cause cause, int rank, String line) {
  /** Kinds of ends. */
  public enum Cause {
    /** A rank is silent, or its connection was cut. */
    LOST,
    /** A collective waits in vain. */
    LATE,
    /** A rank met an error, which it tells by itself. */
    ABORTED
  }
}
