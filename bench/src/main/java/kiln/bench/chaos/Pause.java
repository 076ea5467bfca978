package kiln.bench.chaos;

/** Waiting. */
final class Pause {
  private Pause() {}

  static void millis(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static void seconds(double seconds) {
    millis(Math.round(1000 * seconds));
  }
}
