package kiln.launcher.transport;

/** Some rank cannot do what it is asked to; all ranks know it, and the line that the user is told. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RefusedException(String line) {
    super(line);
  }
}
