package kiln.data.source;

import kiln.data.Sample;
import kiln.data.queue.Split;

/**
 * A sample that has yet to be decoded or drawn, which may happen on any thread.
 *
 * @param split where it goes
 */
public record Draft(Split split, Maker maker) {
  /** Decodes or draws. */
  @FunctionalInterface
  public interface Maker {
    Sample make() throws UnusableException;

    /** Bytes of the source that are held in memory until then; the finished picture's own bytes do not count. */
    default long heldBytes() {
      return 0;
    }

    /** A maker that holds so many bytes of the source. */
    static Maker holding(long bytes, Maker maker) {
      return new Maker() {
        @Override
        public Sample make() throws UnusableException {
          return maker.make();
        }

        @Override
        public long heldBytes() {
          return bytes;
        }
      };
    }
  }

  /**
   * @throws UnusableException if there is nothing to be had; it is counted and the next draft goes on
   */
  public Sample make() throws UnusableException {
    return maker.make();
  }
}
