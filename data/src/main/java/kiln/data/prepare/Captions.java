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
   * A sample's caption without white space around it.
   *
   * @throws UnusableException if it is missing or empty and {@code options} leave such samples out, or if it is not UTF-8
   */
  static byte[] stripped(RawSample sample, PreparationOptions options) throws UnusableException {
    byte[] stripped = stripped(sample);
    if (stripped.length == 0 && !options.uncaptioned()) {
      throw sample.caption() == null
          ? new UnusableException("no caption", sample.origin() + ": has no caption")
          : new UnusableException("empty caption", sample.origin() + ": its caption is empty");
    }
    return stripped;
  }

  private static byte[] stripped(RawSample sample) throws UnusableException {
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

  /** As much of a caption as the longest bucket holds, cut between characters. */
  static byte[] fitted(byte[] caption, PreparationOptions options) {
    int longest = options.buckets().captionLengths().getLast() - 1; // the end token takes one
    return Arrays.copyOf(caption, Utf8.fit(caption, longest));
  }
}
