package kiln.model.diffusion;

/**
 * Euler's method with fresh noise at every step, as k-diffusion's {@code sample_euler_ancestral} and diffusers' {@code
 * EulerAncestralDiscreteScheduler}: down to less noise than the next level has, then up to it. The sample is x₀ + σε; the
 * network sees it divided by √(σ² + 1).
 *
 * <pre>
 *   up² = σ'²·(σ² − σ'²)/σ²,   down² = σ'² − up²
 *   x ← x + (down − σ)·(x − x₀)/σ + up·noise
 * </pre>
 */
public final class EulerAncestralSampler implements Sampler {
  private final PredictionType predictionType;
  private final NoiseLevels levels;

  /**
   * @param karras whether the noise levels between the first and the last are those of Karras et al.
   * @param firstStep steps left out at the start
   * @throws kiln.bindings.UserException if there are fewer training steps than {@code numSteps}
   */
  public EulerAncestralSampler(NoiseSchedule schedule, int numSteps, boolean karras, int firstStep) {
    this.predictionType = schedule.predictionType();
    this.levels = NoiseLevels.euler(schedule, SamplerOptions.FinalSigma.ZERO, numSteps, karras).from(firstStep);
  }

  @Override
  public float[] timesteps() {
    return levels.timesteps();
  }

  @Override
  public Level level(int index) {
    return new Level(1, levels.sigma(index));
  }

  @Override
  public float initialNoiseScale() {
    return levels.initialNoiseScale();
  }

  @Override
  public float inputScale(int index) {
    return (float) levels.alpha(index);
  }

  @Override
  public boolean usesNoise() {
    return true;
  }

  @Override
  public void step(float[] output, int index, float[] sample, float[] noise) {
    double sigma = levels.sigma(index);
    double next = levels.sigma(index + 1);
    double up = next * Math.sqrt(sigma * sigma - next * next) / sigma;
    double down = next * next / sigma; // √(σ'² − up²)
    double along = (down - sigma) / sigma;
    PredictionType.Denoising denoised = levels.denoised(index, predictionType);
    for (int i = 0; i < sample.length; i++) {
      double x0 = denoised.ofSample() * sample[i] + denoised.ofOutput() * output[i];
      double moved = sample[i] + along * (sample[i] - x0);
      sample[i] = (float) (up > 0 ? moved + up * noise[i] : moved);
    }
  }
}
