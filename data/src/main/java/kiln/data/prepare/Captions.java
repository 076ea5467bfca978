package kiln.data.prepare;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import kiln.data.source.RawSample;
import kiln.data.source.UnusableException;
import kiln.data.text.Utf8;

/** Captions as they are found, and as they are stored: valid UTF-8 without white space around it, cut to the longest bucket. */
final class Captions {
  private static final byte[] NONE = {};

  private Captions() {}

  /**
   * What is stored of a sample's caption.
   *
   * @throws UnusableException if it is missing or empty and {@code options} leave such samples out, or if it is not UTF-8
   */
  static byte[] checked(RawSample sample, PreparationOptions options) throws UnusableException {
    byte[] whole = stripped(sample);
    if (whole.length == 0 && !options.uncaptioned()) {
      throw sample.caption() == null
          ? new UnusableException("no caption", sample.origin() + ": has no caption")
          : new UnusableException("empty caption", sample.origin() + ": its caption is empty");
    }
    int longest = options.buckets().captionLengths().getLast() - 1; // the end token takes one
    return Arrays.copyOf(whole, Utf8.fit(whole, longest));
  }

  /** Valid UTF-8 without white space around it. */
  static byte[] stripped(RawSample sample) throws UnusableException {
    if (sample.caption() == null) {
      return NONE;
    }
    try {
      String text = Utf8.decode(sample.caption(), sample.origin() + ": caption");
      return text.strip().getBytes(StandardCharsets.UTF_8);
    } catch (Utf8.InvalidUtf8Exception e) {
      throw new UnusableException("caption not UTF-8", e.getMessage());
    }
  }
}
