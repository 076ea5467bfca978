package kiln.collectives;

/** A collective operation that failed. The communicator it failed on can only be closed. */
public class CollectiveException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CollectiveException(String message) {
    super(message);
  }

  public CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
