package kiln.model.diffusion;

/**
 * Euler's method on the probability flow (Karras et al. 2022, algorithm 2 without churn), as diffusers' {@code
 * EulerDiscreteScheduler}. The sample is x₀ + σε; the network sees it divided by √(σ² + 1).
 *
 * <pre>
 *   x ← x + (σ' − σ)·(x − x₀)/σ
 * </pre>
 */
public final class EulerSampler implements Sampler {
  private final PredictionType predictionType;
  private final NoiseLevels levels;

  /**
   * @param karras whether the noise levels between the first and the last are those of Karras et al.
   * @param firstStep steps left out at the start
   * @throws kiln.bindings.UserException if there are fewer training steps than {@code numSteps}
   */
  public EulerSampler(NoiseSchedule schedule, SamplerOptions options, int numSteps, boolean karras, int firstStep) {
    this.predictionType = schedule.predictionType();
    this.levels = NoiseLevels.euler(schedule, options.finalSigmasType(), numSteps, karras).from(firstStep);
  }

  @Override
  public float[] timesteps() {
    return levels.timesteps();
  }

  @Override
  public Level level(int index) {
    return new Level(1, index == levels.numSteps() ? 0 : levels.sigma(index));
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
    return false;
  }

  @Override
  public void step(float[] output, int index, float[] sample, float[] noise) {
    double sigma = levels.sigma(index);
    double along = (levels.sigma(index + 1) - sigma) / sigma;
    PredictionType.Denoising denoised = levels.denoised(index, predictionType);
    for (int i = 0; i < sample.length; i++) {
      double x0 = denoised.ofSample() * sample[i] + denoised.ofOutput() * output[i];
      sample[i] = (float) (sample[i] + along * (sample[i] - x0));
    }
  }
}
