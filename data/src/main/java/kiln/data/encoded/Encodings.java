package kiln.data.encoded;

import java.lang.foreign.MemorySegment;

/**
 * What the networks make of the samples of one block.
 *
 * @param mean bf16 [count, latentHeight, latentWidth, latentChannels]
 * @param logvar of the same shape
 * @param tokens captions' lengths in tokens; empty if captions are not encoded
 * @param text bf16 [sum of tokens + 1, textWidth]: their states one after the other, and that of the empty caption's token;
 *     {@link MemorySegment#NULL} if captions are not encoded
 */
public record Encodings(EncodedShape shape, MemorySegment mean, MemorySegment logvar, int[] tokens, MemorySegment text) {
  /** Rows of {@link #text}. */
  long textRows() {
    return rows(shape, tokens);
  }

  static long rows(EncodedShape shape, int[] tokens) {
    long rows = shape.hasText() ? 1 : 0;
    for (int n : tokens) {
      rows += n;
    }
    return rows;
  }
}
