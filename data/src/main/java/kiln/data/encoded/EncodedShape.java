package kiln.data.encoded;

/**
 * What the networks make of a sample.
 *
 * @param latentHeight of the latents
 * @param latentWidth of the latents
 * @param latentChannels of the latents
 * @param textWidth numbers per token of a caption; 0 if captions are not encoded
 */
public record EncodedShape(int latentHeight, int latentWidth, int latentChannels, int textWidth) {
  private static final int LIMIT = 1 << 16;

  public EncodedShape {
    boolean plausible =
        latentHeight >= 1 && latentHeight <= LIMIT && latentWidth >= 1 && latentWidth <= LIMIT && latentChannels >= 1
            && latentChannels <= LIMIT && textWidth >= 0 && textWidth <= LIMIT;
    if (!plausible) {
      throw new IllegalArgumentException(
          "latentHeight=" + latentHeight + " latentWidth=" + latentWidth + " latentChannels=" + latentChannels + " textWidth="
              + textWidth + ": expected 1 to 65536, the last one from 0");
    }
  }

  public boolean hasText() {
    return textWidth > 0;
  }

  /** Bytes of one sample's mean, or of its log variance: bf16 [latentHeight, latentWidth, latentChannels]. */
  public long latentBytes() {
    return (long) EncodedLayout.BF16_BYTES * latentHeight * latentWidth * latentChannels;
  }

  /** Bytes of the state of one token: bf16 [textWidth]. */
  public long stateBytes() {
    return (long) EncodedLayout.BF16_BYTES * textWidth;
  }
}
