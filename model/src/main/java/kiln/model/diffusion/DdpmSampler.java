package kiln.model.diffusion;

/**
 * Ancestral sampling of denoising diffusion probabilistic models (Ho et al. 2020, equation 7 and algorithm 2), as diffusers'
 * {@code DDPMScheduler}. With ᾱ here and ᾱ' at the next step visited, α = ᾱ/ᾱ' and β = 1 − α, a step is
 *
 * <pre>
 *   x ← √ᾱ'·β/(1−ᾱ)·x₀ + √α·(1−ᾱ')/(1−ᾱ)·x + s·noise,   s² = β·(1−ᾱ')/(1−ᾱ) or β,   no noise at training step 0
 * </pre>
 */
public final class DdpmSampler implements Sampler {
  /** diffusers' lower bound of the posterior's variance. */
  private static final double SMALLEST_VARIANCE = 1e-20;

  private final NoiseSchedule schedule;
  private final NoiseTables tables;
  private final SamplerOptions.VarianceType varianceType;
  private final int[] timesteps;

  /**
   * @param firstStep steps left out at the start
   * @throws kiln.bindings.UserException if there are fewer training steps than {@code numSteps}
   */
  public DdpmSampler(NoiseSchedule schedule, SamplerOptions options, int numSteps, int firstStep) {
    this.schedule = schedule;
    this.tables = schedule.tables();
    this.varianceType = options.varianceType();
    this.timesteps = TimestepSpacing.timesteps(schedule, numSteps, firstStep);
  }

  @Override
  public float[] timesteps() {
    return TimestepSpacing.asFloats(timesteps);
  }

  @Override
  public Level level(int index) {
    return index == timesteps.length ? Level.CLEAN : tables.level(timesteps[index]);
  }

  @Override
  public boolean usesNoise() {
    return true;
  }

  @Override
  public void step(float[] output, int index, float[] sample, float[] noise) {
    double here = tables.alphaCumprod(timesteps[index]);
    double next = index + 1 < timesteps.length ? tables.alphaCumprod(timesteps[index + 1]) : 1;
    double alpha = here / next;
    double beta = 1 - alpha;
    double ofDenoised = Math.sqrt(next) * beta / (1 - here);
    double ofSample = Math.sqrt(alpha) * (1 - next) / (1 - here);
    double spread = timesteps[index] > 0 ? spread(beta, beta * (1 - next) / (1 - here)) : 0;
    PredictionType.Denoising denoised = schedule.predictionType().denoised(Math.sqrt(here), Math.sqrt(1 - here));
    double range = schedule.clipSample() ? schedule.clipSampleRange() : Double.POSITIVE_INFINITY;
    for (int i = 0; i < sample.length; i++) {
      double x0 = denoised.ofSample() * sample[i] + denoised.ofOutput() * output[i];
      double moved = ofDenoised * Math.clamp(x0, -range, range) + ofSample * sample[i];
      sample[i] = (float) (spread > 0 ? moved + spread * noise[i] : moved);
    }
  }

  private double spread(double beta, double posterior) {
    return switch (varianceType) {
      case FIXED_SMALL, FIXED_SMALL_LOG -> Math.sqrt(Math.max(posterior, SMALLEST_VARIANCE));
      case FIXED_LARGE -> Math.sqrt(beta);
    };
  }
}
