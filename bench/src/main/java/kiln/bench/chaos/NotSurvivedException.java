package kiln.bench.chaos;

/** A run did not come through a fault as it should; the message says in what way. */
final class NotSurvivedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NotSurvivedException(String message) {
    super(message);
  }
}
