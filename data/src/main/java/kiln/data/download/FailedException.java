package kiln.data.download;

/** Ends the reading of an answer that gives no picture. */
final class FailedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  FailedException(Failure failure) {
    super(failure.detail());
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
