package kiln.model.diffusion;

/** What the samples of a data set are: how far the frozen networks have worked on them already. */
public enum SampleContents {
  /** Pictures and captions. */
  PIXELS,
  /** The autoencoder's distribution of latents in the place of pictures. */
  LATENTS,
  /** The text encoder's states beside the captions, too. */
  LATENTS_AND_TEXT;

  /** Whether the autoencoder has been run. */
  public boolean hasLatents() {
    return this != PIXELS;
  }

  /** Whether the text encoder has been run. */
  public boolean hasText() {
    return this == LATENTS_AND_TEXT;
  }
}
