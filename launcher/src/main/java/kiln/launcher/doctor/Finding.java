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
    /** Kiln works, but slower or less safely than it could. */
    WARNING,
    /** Kiln does not work as it is. */
    WRONG
  }

  static Finding fine(String subject, String found) {
    return new Finding(subject, State.FINE, found, "");
  }

  static Finding absent(String subject, String found, String advice) {
    return new Finding(subject, State.ABSENT, found, advice);
  }

  static Finding warning(String subject, String found, String advice) {
    return new Finding(subject, State.WARNING, found, advice);
  }

  static Finding wrong(String subject, String found, String advice) {
    return new Finding(subject, State.WRONG, found, advice);
  }
}
