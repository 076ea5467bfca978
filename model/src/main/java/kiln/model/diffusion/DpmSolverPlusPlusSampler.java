package kiln.model.diffusion;

/**
 * DPM-Solver++ (Lu et al. 2022, algorithm 2: the data-predicting multi-step solver of first or second order), as diffusers'
 * {@code DPMSolverMultistepScheduler} with {@code algorithm_type} dpmsolver++. With λ = log(α/σ), h the step in λ and m the
 * predicted x₀ at the steps so far, a step is
 *
 * <pre>
 *   x ← σ'/σ · x − α'(e⁻ʰ − 1)·m₀ [ − α'·c·(m₀ − m₁)/r ],   r = h₀/h,   c = (e⁻ʰ − 1)/2 or −((e⁻ʰ − 1)/h + 1)
 * </pre>
 */
public final class DpmSolverPlusPlusSampler implements Sampler {
  private final PredictionType predictionType;
  private final SamplerOptions options;
  private final NoiseLevels levels;
  private final boolean lowerOrderAtEnd;
  private double[] denoised = {};
  private double[] previous = {};
  private int nextIndex;

  /**
   * @param karras whether the noise levels are those of Karras et al., from the last training step to the first
   * @param firstStep steps left out at the start
   * @throws kiln.bindings.UserException if there are fewer training steps than {@code numSteps}
   */
  public DpmSolverPlusPlusSampler(
      NoiseSchedule schedule, SamplerOptions options, int numSteps, boolean karras, int firstStep) {
    this.predictionType = schedule.predictionType();
    this.options = options;
    this.levels = NoiseLevels.solver(schedule, options, numSteps, karras).from(firstStep);
    boolean few = options.lowerOrderFinal() && numSteps < 15;
    this.lowerOrderAtEnd =
        few || options.eulerAtFinal() || options.finalSigmasType() == SamplerOptions.FinalSigma.ZERO;
  }

  @Override
  public float[] timesteps() {
    return levels.timesteps();
  }

  @Override
  public Level level(int index) {
    double alpha = levels.alpha(index);
    return index == levels.numSteps() ? Level.CLEAN : new Level(alpha, alpha * levels.sigma(index));
  }

  @Override
  public boolean usesNoise() {
    return false;
  }

  @Override
  public void step(float[] output, int index, float[] sample, float[] noise) {
    if (index != nextIndex) {
      throw new IllegalArgumentException("index: expected step " + nextIndex + " of the walk, found " + index);
    }
    nextIndex++;
    denoise(output, index, sample);
    boolean last = index == levels.numSteps() - 1;
    boolean firstOrder = index == 0 || options.solverOrder() == 1 || last && lowerOrderAtEnd;
    double alpha = levels.alpha(index + 1);
    double toNext = levels.sigma(index + 1) * alpha / (levels.sigma(index) * levels.alpha(index));
    double h = Math.log(levels.sigma(index) / levels.sigma(index + 1));
    double decay = Math.expm1(-h);
    double difference = firstOrder ? 0 : differenceFactor(index, h, decay);
    for (int i = 0; i < sample.length; i++) {
      double change = firstOrder ? 0 : difference * (denoised[i] - previous[i]);
      sample[i] = (float) (toNext * sample[i] - alpha * (decay * denoised[i] + change));
    }
  }

  private double differenceFactor(int index, double h, double decay) {
    double r = Math.log(levels.sigma(index - 1) / levels.sigma(index)) / h;
    return switch (options.solverType()) {
      case MIDPOINT -> decay / 2 / r;
      case HEUN -> -(decay / h + 1) / r;
    };
  }

  private void denoise(float[] output, int index, float[] sample) {
    double[] reused = previous.length == sample.length ? previous : new double[sample.length];
    previous = denoised;
    denoised = reused;
    PredictionType.Denoising d = predictionType.denoised(levels.alpha(index), levels.sigma(index) * levels.alpha(index));
    for (int i = 0; i < sample.length; i++) {
      denoised[i] = d.ofSample() * sample[i] + d.ofOutput() * output[i];
    }
  }
}
