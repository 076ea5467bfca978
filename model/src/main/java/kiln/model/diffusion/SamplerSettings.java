package kiln.model.diffusion;

import kiln.bindings.UserException;

/**
 * How a user wants to walk.
 *
 * @param steps calls of the network from pure noise (PNDM takes one more, and more with Runge–Kutta steps)
 * @param eta share of DDIM's noise: 0 is deterministic, 1 ancestral; 0 for the other samplers
 * @param karras whether the noise levels are those of Karras et al. 2022 instead of the schedule's; Euler, Euler ancestral and
 *     DPM-Solver++ have them
 */
public record SamplerSettings(SamplerKind kind, int steps, float eta, boolean karras) {
  public SamplerSettings {
    if (steps < 1) {
      throw new UserException("--steps: expected 1 or more, found " + steps);
    }
    if (!(eta >= 0 && eta <= 1)) {
      throw new UserException("--eta: expected 0 to 1, found " + eta);
    }
    if (eta > 0 && kind != SamplerKind.DDIM) {
      throw new UserException("--eta: expected sampler ddim, found " + kind.optionName());
    }
    if (karras && !kind.walksSigmas()) {
      throw new UserException("--karras: expected sampler euler, euler_a or dpmpp, found " + kind.optionName());
    }
  }

  /** A walk that adds as little noise as the sampler can, over the schedule's noise levels. */
  public SamplerSettings(SamplerKind kind, int steps) {
    this(kind, steps, 0, false);
  }
}
