package kiln.launcher.doctor;

/**
 * What was found about one thing.
 *
 * @param subject what was looked at
 * @param state how that is
 * @param found in one line
 * @param advice what to do about it; empty if it is fine
 */
public record Finding(String subject, State state, String found, String advice) {
  /** How a thing is. */
  public enum State {
    FINE,
    /** Not there; Kiln works without it. */
    ABSENT,
    /** Kiln does not work as it is. */
    WRONG
  }

  static Finding fine(String subject, String found) {
    return new Finding(subject, State.FINE, found, "");
  }
}
