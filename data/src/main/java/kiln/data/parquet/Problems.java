package kiln.data.parquet;

/** What parquet's exceptions say, as one line. */
final class Problems {
  private static final int LONGEST = 300;

  private Problems() {}

  static String line(String place, Throwable problem) {
    if (problem instanceof StackOverflowError) {
      return place + ": is nested too deeply";
    }
    Throwable cause = problem;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    String line = message.strip().lines().findFirst().orElse(cause.getClass().getSimpleName());
    return place + ": " + (line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line);
  }
}
