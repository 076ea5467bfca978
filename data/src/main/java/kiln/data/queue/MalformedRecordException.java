package kiln.data.queue;

/** A header that does not describe a record of its version inside the memory it was looked for in. */
public final class MalformedRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  public MalformedRecordException(String message) {
    super(message);
  }
}
