package kiln.model.diffusion;

import java.util.Arrays;

/**
 * The noise levels σ/α of a walk, falling, and the training steps that they belong to: what samplers walk that are defined by
 * noise levels. Float32 where diffusers rounds to it.
 */
final class NoiseLevels {
  /** Karras et al. 2022, table 1. */
  private static final double RHO = 7;

  private final float[] timesteps;
  private final double[] sigmas; // one more than timesteps: after the last
  private final boolean startsAtLastStep;

  private NoiseLevels(float[] timesteps, double[] sigmas, boolean startsAtLastStep) {
    this.timesteps = timesteps;
    this.sigmas = sigmas;
    this.startsAtLastStep = startsAtLastStep;
  }

  /** As diffusers' Euler samplers: σ between training steps is interpolated, and Karras levels span the steps visited. */
  static NoiseLevels euler(NoiseSchedule schedule, SamplerOptions.FinalSigma finalSigma, int numSteps, boolean karras) {
    double[] table = table(schedule);
    TimestepSpacing spacing = schedule.timestepSpacing();
    float[] timesteps = spacing.fractionalTimesteps(schedule.numTrainTimesteps(), numSteps, schedule.stepsOffset());
    double[] sigmas = new double[numSteps];
    for (int i = 0; i < numSteps; i++) {
      sigmas[i] = interpolated(table, timesteps[i]);
    }
    if (karras) {
      sigmas = karras(sigmas[0], sigmas[numSteps - 1], numSteps);
      for (int i = 0; i < numSteps; i++) {
        timesteps[i] = (float) timestep(table, sigmas[i]);
      }
    }
    return new NoiseLevels(timesteps, ended(sigmas, finalSigma, table), spacing != TimestepSpacing.LEADING);
  }

  /** As diffusers' multi-step solvers: whole training steps, and Karras levels span all of them. */
  static NoiseLevels solver(NoiseSchedule schedule, SamplerOptions options, int numSteps, boolean karras) {
    double[] table = table(schedule);
    int numTrain = schedule.numTrainTimesteps();
    int last = lastTimestep(table, options.lambdaMinClipped());
    int[] timesteps = schedule.timestepSpacing().solverTimesteps(numTrain, last, numSteps, schedule.stepsOffset());
    double[] sigmas = Arrays.stream(timesteps).mapToDouble(t -> table[t]).toArray();
    if (karras) {
      timesteps = new int[numSteps];
      boolean rounds = schedule.betaSchedule() != BetaSchedule.SQUAREDCOS_CAP_V2; // diffusers cuts the cosine's steps off
      sigmas = karras(table[numTrain - 1], table[0], numSteps);
      for (int i = 0; i < numSteps; i++) {
        double t = timestep(table, sigmas[i]);
        timesteps[i] = (int) (rounds ? Math.rint(t) : t);
      }
    }
    return new NoiseLevels(
        TimestepSpacing.asFloats(timesteps), ended(sigmas, options.finalSigmasType(), table), true);
  }

  /** σ/α of every training step. Zero terminal SNR would be an infinite one; diffusers takes ᾱ = 2⁻²⁴ instead. */
  private static double[] table(NoiseSchedule schedule) {
    NoiseTables tables = schedule.tables();
    double[] table = new double[schedule.numTrainTimesteps()];
    for (int t = 0; t < table.length; t++) {
      boolean terminal = schedule.rescaleBetasZeroSnr() && t == table.length - 1;
      float bar = terminal ? 0x1p-24f : tables.alphaCumprod(t);
      table[t] = (float) Math.sqrt((1 - bar) / bar);
    }
    return table;
  }

  /** Number of training steps whose log-SNR is not below the limit. */
  private static int lastTimestep(double[] table, double lambdaMin) {
    int last = table.length;
    while (last > 0 && -Math.log(table[last - 1]) < lambdaMin) {
      last--;
    }
    return last;
  }

  private static double interpolated(double[] table, double t) {
    int below = (int) Math.clamp(Math.floor(t), 0, table.length - 1);
    int above = Math.min(below + 1, table.length - 1);
    return table[below] + (t - below) * (table[above] - table[below]);
  }

  /** The training step of σ, log σ interpolated; the first or last one for σ beyond the table. */
  private static double timestep(double[] table, double sigma) {
    double log = Math.log(sigma);
    int below = 0;
    while (below < table.length - 2 && Math.log(table[below + 1]) <= log) {
      below++;
    }
    if (table.length == 1) {
      return 0;
    }
    double low = Math.log(table[below]);
    double share = (log - low) / (Math.log(table[below + 1]) - low);
    return below + Math.clamp(share, 0, 1);
  }

  /** Evenly in σ^(1/ρ) from the largest to the smallest (Karras et al. 2022, equation 5). */
  static double[] karras(double largest, double smallest, int n) {
    double first = Math.pow(largest, 1 / RHO);
    double last = Math.pow(smallest, 1 / RHO);
    double[] sigmas = new double[n];
    for (int i = 0; i < n; i++) {
      sigmas[i] = Math.pow(n == 1 ? first : first + i / (n - 1.0) * (last - first), RHO);
    }
    return sigmas;
  }

  private static double[] ended(double[] sigmas, SamplerOptions.FinalSigma finalSigma, double[] table) {
    double[] ended = Arrays.copyOf(sigmas, sigmas.length + 1);
    ended[sigmas.length] =
        switch (finalSigma) {
          case ZERO -> 0;
          case SIGMA_MIN -> table[0];
        };
    for (int i = 0; i < ended.length; i++) {
      ended[i] = (float) ended[i];
    }
    return ended;
  }

  /** Without the first {@code firstStep} steps. */
  NoiseLevels from(int firstStep) {
    TimestepSpacing.requireFirst(firstStep, timesteps.length);
    return new NoiseLevels(
        Arrays.copyOfRange(timesteps, firstStep, timesteps.length),
        Arrays.copyOfRange(sigmas, firstStep, sigmas.length),
        startsAtLastStep);
  }

  int numSteps() {
    return timesteps.length;
  }

  float[] timesteps() {
    return timesteps.clone();
  }

  /** σ/α at step {@code index}, or after the last. */
  double sigma(int index) {
    return sigmas[index];
  }

  /** α for which α² + (ασ)² = 1: what x₀ + σε is multiplied by to have the variance that the network knows. */
  double alpha(int index) {
    return 1 / Math.sqrt(sigmas[index] * sigmas[index] + 1);
  }

  /** x₀ from a sample x₀ + σε and the network's output for α times that. */
  PredictionType.Denoising denoised(int index, PredictionType predictionType) {
    double alpha = alpha(index);
    PredictionType.Denoising scaled = predictionType.denoised(alpha, alpha * sigmas[index]);
    return new PredictionType.Denoising(scaled.ofSample() * alpha, scaled.ofOutput());
  }

  /** For x₀ + σε: σ, and x₀'s own spread of 1 beside it where the walk does not start at the last training step. */
  float initialNoiseScale() {
    return (float) (startsAtLastStep ? sigmas[0] : Math.sqrt(sigmas[0] * sigmas[0] + 1));
  }
}
