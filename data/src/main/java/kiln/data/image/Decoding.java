package kiln.data.image;

import java.io.IOException;
import kiln.data.source.UnusableException;

/** Runs decoders on files that may hold anything. */
final class Decoding {
  private Decoding() {}

  /** Something that decodes. */
  @FunctionalInterface
  interface Step<T> {
    T run() throws IOException, UnusableException;
  }

  /**
   * Whatever a decoder throws becomes a reason. Readers fail on damaged files by exceptions of many kinds. An {@link
   * OutOfMemoryError} is one of them: what pictures take is bounded before ({@link DecodeMemory}), so it comes of a length in a
   * damaged file that a reader believed, and what it asked for was never there.
   */
  static <T> T guarded(String origin, Step<T> step) throws UnusableException {
    try {
      return step.run();
    } catch (OutOfMemoryError e) {
      throw new UnusableException(Pictures.TOO_LARGE, origin + ": its reader asks for too much memory: " + line(e));
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw new UnusableException(Pictures.UNDECODABLE, origin + ": does not decode: " + line(e));
    }
  }

  private static String line(Throwable e) {
    String message = e.getMessage() == null || e.getMessage().isBlank() ? e.getClass().getSimpleName() : e.getMessage();
    return message.strip().lines().findFirst().orElse("");
  }
}
