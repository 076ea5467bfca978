package kiln.data.image;

import java.util.concurrent.Semaphore;
import kiln.data.source.UnusableException;

/**
 * Bounds what all pictures that are decoded at the same time take together: half of the heap's limit. A thread with a large
 * picture waits for the others; a picture that is too large even alone is refused.
 */
final class DecodeMemory implements AutoCloseable {
  private static final long UNIT = 1 << 20;
  private static final int UNITS = Math.clamp(Runtime.getRuntime().maxMemory() / 2 / UNIT, 16, 1 << 20);
  private static final Semaphore FREE = new Semaphore(UNITS, true);

  private final int taken;

  private DecodeMemory(int taken) {
    this.taken = taken;
  }

  /**
   * Waits until there is room.
   *
   * @param origin names the picture
   * @throws UnusableException if there never will be
   */
  static DecodeMemory take(long bytes, String origin) throws UnusableException {
    long units = (bytes + UNIT - 1) / UNIT;
    if (units > UNITS) {
      throw new UnusableException(
          Pictures.TOO_LARGE,
          origin + ": needs " + units + " MiB to decode, at most " + UNITS + " are taken; a larger heap allows more");
    }
    FREE.acquireUninterruptibly((int) units);
    return new DecodeMemory((int) units);
  }

  @Override
  public void close() {
    FREE.release(taken);
  }
}
