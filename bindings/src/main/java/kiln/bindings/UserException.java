package kiln.bindings;

/**
 * A mistake that the user can put right. The message is one line that names the option or file, what was found and what was
 * expected; the launcher prints that line, without a stack trace, and exits with a non-zero status.
 */
public final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UserException(String line) {
    super(line);
  }

  public UserException(String line, Throwable cause) {
    super(line, cause);
  }
}
