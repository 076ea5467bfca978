package kiln.model.random;

/** What a random number is for. The ordinal is part of the counter, so new streams are appended, never inserted. */
public enum Stream {
  /** Start values of parameters; the sample is the hash of the parameter's name. */
  INIT,
  /** The diffusion step of a training sample. */
  TIMESTEP,
  /** The noise added to a training sample's latents. */
  NOISE,
  /** The draw from the VAE's posterior. */
  POSTERIOR,
  /** Whether a sample's caption is dropped. */
  CAPTION_DROPOUT,
  /** The noise that a drawing starts from; the sample is the drawing's number. */
  DRAWING,
  /** The noise that a stochastic sampler adds; the step is the sampler's. */
  DRAWING_STEP,
  /** The draw from the VAE's posterior of the picture that a drawing starts from. */
  DRAWING_POSTERIOR
}
