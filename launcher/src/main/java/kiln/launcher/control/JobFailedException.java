package kiln.launcher.control;

/** The job cannot go on; the user has been told why, or is told by another rank. */
public final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient JobFailure failure;

  JobFailedException(JobFailure failure) {
    super(failure.line());
    this.failure = failure;
  }

  public JobFailure failure() {
    return failure;
  }
}
