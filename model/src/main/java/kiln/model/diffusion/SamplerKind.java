package kiln.model.diffusion;

/** The samplers that a user can ask for by name. */
public enum SamplerKind {
  DDIM,
  DPMPP;

  /** A deterministic walk of {@code numSteps} steps. */
  public Sampler create(NoiseSchedule schedule, int numSteps) {
    return switch (this) {
      case DDIM -> new DdimSampler(schedule, numSteps, 0);
      case DPMPP -> new DpmSolverPlusPlusSampler(schedule, DpmSolverOptions.DEFAULT, numSteps);
    };
  }
}
