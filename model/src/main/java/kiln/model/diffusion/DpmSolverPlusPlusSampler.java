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
  private final DpmSolverOptions options;
  private final int[] timesteps;
  private final double[] sigmas; // σ/α at every step and after the last
  private double[] denoised = {};
  private double[] previous = {};
  private int nextIndex;

  /**
   * @throws kiln.bindings.UserException if there are fewer training steps than {@code numSteps}
   */
  public DpmSolverPlusPlusSampler(NoiseSchedule schedule, DpmSolverOptions options, int numSteps) {
    NoiseTables tables = schedule.tables();
    int numTrain = schedule.numTrainTimesteps();
    int last = lastTimestep(schedule, tables, options.lambdaMinClipped());
    this.predictionType = schedule.predictionType();
    this.options = options;
    this.timesteps = schedule.timestepSpacing().solverTimesteps(numTrain, last, numSteps, schedule.stepsOffset());
    this.sigmas = new double[numSteps + 1];
    for (int i = 0; i < numSteps; i++) {
      sigmas[i] = sigma(schedule, tables, timesteps[i]);
    }
    sigmas[numSteps] = options.finalSigmasType() == DpmSolverOptions.FinalSigma.ZERO ? 0 : sigma(schedule, tables, 0);
  }

  /** Zero terminal SNR would be an infinite σ; diffusers takes ᾱ = 2⁻²⁴ instead. */
  private static double sigma(NoiseSchedule schedule, NoiseTables tables, int t) {
    boolean terminal = schedule.rescaleBetasZeroSnr() && t == schedule.numTrainTimesteps() - 1;
    float bar = terminal ? 0x1p-24f : tables.alphaCumprod(t);
    return (float) Math.sqrt((1 - bar) / bar);
  }

  /** Number of steps whose log-SNR is not below the limit. */
  private static int lastTimestep(NoiseSchedule schedule, NoiseTables tables, double lambdaMin) {
    int last = schedule.numTrainTimesteps();
    while (last > 0 && -Math.log(sigma(schedule, tables, last - 1)) < lambdaMin) {
      last--;
    }
    return last;
  }

  @Override
  public float[] timesteps() {
    return TimestepSpacing.asFloats(timesteps);
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
    boolean firstOrder = index == 0 || options.solverOrder() == 1 || index == timesteps.length - 1 && lowerOrderAtEnd();
    double alpha = alpha(index + 1);
    double toNext = sigmas[index + 1] * alpha / (sigmas[index] * alpha(index));
    double h = Math.log(sigmas[index] / sigmas[index + 1]);
    double decay = Math.expm1(-h);
    double difference = firstOrder ? 0 : differenceFactor(index, h, decay);
    for (int i = 0; i < sample.length; i++) {
      double change = firstOrder ? 0 : difference * (denoised[i] - previous[i]);
      sample[i] = (float) (toNext * sample[i] - alpha * (decay * denoised[i] + change));
    }
  }

  private double differenceFactor(int index, double h, double decay) {
    double r = Math.log(sigmas[index - 1] / sigmas[index]) / h;
    return switch (options.solverType()) {
      case MIDPOINT -> decay / 2 / r;
      case HEUN -> -(decay / h + 1) / r;
    };
  }

  private boolean lowerOrderAtEnd() {
    boolean few = options.lowerOrderFinal() && timesteps.length < 15;
    return few || options.eulerAtFinal() || options.finalSigmasType() == DpmSolverOptions.FinalSigma.ZERO;
  }

  private void denoise(float[] output, int index, float[] sample) {
    double[] reused = previous.length == sample.length ? previous : new double[sample.length];
    previous = denoised;
    denoised = reused;
    PredictionType.Denoising d = predictionType.denoised(alpha(index), sigmas[index] * alpha(index));
    for (int i = 0; i < sample.length; i++) {
      denoised[i] = d.ofSample() * sample[i] + d.ofOutput() * output[i];
    }
  }

  private double alpha(int index) {
    return 1 / Math.sqrt(sigmas[index] * sigmas[index] + 1);
  }
}
