package kiln.model.diffusion;

import kiln.bindings.UserException;

/**
 * What of the diffusion objective is no network.
 *
 * @param minSnrGamma γ of the loss weights (see {@link MinSnr}); 0 weighs all steps alike
 * @param captionDropout share of samples that see the empty caption, so that guidance has something to compare with
 * @param seed of everything random
 */
public record DiffusionSettings(NoiseSchedule schedule, float minSnrGamma, float captionDropout, long seed) {
  public DiffusionSettings {
    if (!(minSnrGamma >= 0)) {
      throw new UserException("min_snr_gamma: expected 0 or more, found " + minSnrGamma);
    }
    if (!(captionDropout >= 0 && captionDropout <= 1)) {
      throw new UserException("caption_dropout: expected 0 to 1, found " + captionDropout);
    }
  }

  /** For validation: captions are always kept. */
  public DiffusionSettings withoutDropout(long validationSeed) {
    return new DiffusionSettings(schedule, minSnrGamma, 0, validationSeed);
  }
}
