package kiln.model.diffusion;

/**
 * Denoising diffusion implicit models (Song, Meng, Ermon 2021, equation 12), as diffusers' {@code DDIMScheduler}: deterministic
 * with η = 0, ancestral with η = 1.
 */
public final class DdimSampler implements Sampler {
  private final NoiseSchedule schedule;
  private final NoiseTables tables;
  private final int[] timesteps;
  private final int stride;
  private final float eta;

  /**
   * @param eta share of the ancestral step's noise, 0 to 1
   * @param firstStep steps left out at the start
   * @throws kiln.bindings.UserException if there are fewer training steps than {@code numSteps}
   */
  public DdimSampler(NoiseSchedule schedule, int numSteps, float eta, int firstStep) {
    this.schedule = schedule;
    this.tables = schedule.tables();
    this.timesteps = TimestepSpacing.timesteps(schedule, numSteps, firstStep);
    this.stride = schedule.numTrainTimesteps() / numSteps;
    this.eta = eta;
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
    return eta > 0;
  }

  @Override
  public void step(float[] output, int index, float[] sample, float[] noise) {
    double here = tables.alphaCumprod(timesteps[index]);
    double next = nextAlphaCumprod(index);
    double alpha = Math.sqrt(here);
    double sigma = Math.sqrt(1 - here);
    double variance = (1 - next) / (1 - here) * (1 - here / next);
    double spread = eta * Math.sqrt(variance);
    double towardsNoise = Math.sqrt(Math.max(0, 1 - next - spread * spread)); // η = 1 from pure noise: 0
    PredictionType.Denoising denoised = schedule.predictionType().denoised(alpha, sigma);
    PredictionType.Denoising predictedNoise = schedule.predictionType().noise(alpha, sigma);
    double range = schedule.clipSample() ? schedule.clipSampleRange() : Double.POSITIVE_INFINITY;
    double root = Math.sqrt(next);
    for (int i = 0; i < sample.length; i++) {
      double x0 = denoised.ofSample() * sample[i] + denoised.ofOutput() * output[i];
      double e = predictedNoise.ofSample() * sample[i] + predictedNoise.ofOutput() * output[i];
      double moved = root * Math.clamp(x0, -range, range) + towardsNoise * e;
      sample[i] = (float) (spread > 0 ? moved + spread * noise[i] : moved);
    }
  }

  /** ᾱ one stride of training steps further down; beyond step 0 it is 1 or ᾱ₀. */
  private double nextAlphaCumprod(int index) {
    int next = timesteps[index] - stride;
    if (next >= 0) {
      return tables.alphaCumprod(next);
    }
    return schedule.setAlphaToOne() ? 1 : tables.alphaCumprod(0);
  }
}
