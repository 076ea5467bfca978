package kiln.model.train;

import java.lang.foreign.MemorySegment;

/**
 * What a frozen autoencoder, and perhaps a frozen text encoder, have made of the samples of a micro-batch: slices of mapped
 * memory.
 *
 * @param mean of the latents, bfloat16 [samples, h, w, latentChannels], not scaled
 * @param logvar logarithm of their variance, of the same shape
 * @param text states of the captions' tokens; null if captions are not encoded
 */
public record EncodedSamples(MemorySegment mean, MemorySegment logvar, Text text) {
  /**
   * States without padding.
   *
   * @param offsets int32 [samples + 1]: caption i has the rows {@code offsets[i] .. offsets[i + 1]}
   * @param states bfloat16 [rows, width]
   * @param empty bfloat16 [width], the state of the empty caption's only token
   */
  public record Text(MemorySegment offsets, MemorySegment states, MemorySegment empty) {}
}
