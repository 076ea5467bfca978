package kiln.model.pipeline;

import kiln.bindings.UserException;
import kiln.model.diffusion.Guidance;
import kiln.model.diffusion.SamplerKind;
import kiln.model.diffusion.SamplerSettings;

/**
 * How images are drawn.
 *
 * @param guidance scale of classifier-free guidance; 1 is none, and costs half
 * @param guidanceRescale share of the spread that guidance adds which is taken back (see {@link Guidance#rescale})
 * @param seed of the noise that drawings start from
 */
public record DrawingSettings(SamplerSettings sampler, float guidance, float guidanceRescale, long seed) {
  public DrawingSettings {
    if (!Float.isFinite(guidance) || guidance < 0) {
      throw new UserException("--guidance: expected 0 or more, found " + guidance);
    }
    if (!(guidanceRescale >= 0 && guidanceRescale <= 1)) {
      throw new UserException("--guidance-rescale: expected 0 to 1, found " + guidanceRescale);
    }
  }

  /** The sampler without noise of its own, over the schedule's noise levels. */
  public DrawingSettings(SamplerKind sampler, int steps, float guidance, float guidanceRescale, long seed) {
    this(new SamplerSettings(sampler, steps), guidance, guidanceRescale, seed);
  }

  /** Whether an unconditional prediction is needed too. */
  public boolean guided() {
    return guidance != 1;
  }
}
