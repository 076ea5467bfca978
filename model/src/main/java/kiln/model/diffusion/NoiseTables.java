package kiln.model.diffusion;

/**
 * What a {@link NoiseSchedule} gives for every step t: β_t and ᾱ_t = Π (1 − β_s), s ≤ t, in float32 with diffusers' order of
 * operations (products accumulated in double, as torch does on the CPU).
 */
public final class NoiseTables {
  private final float[] betas;
  private final float[] alphasCumprod;

  private NoiseTables(float[] betas) {
    this.betas = betas;
    this.alphasCumprod = cumulatedProduct(betas);
  }

  static NoiseTables of(NoiseSchedule schedule) {
    int n = schedule.numTrainTimesteps();
    float[] betas = new float[n];
    if (schedule.trainedBetas() == null) {
      betas = schedule.betaSchedule().betas(n, schedule.betaStart(), schedule.betaEnd());
    } else {
      for (int t = 0; t < n; t++) {
        betas[t] = schedule.trainedBetas().get(t);
      }
    }
    return new NoiseTables(schedule.rescaleBetasZeroSnr() ? zeroTerminalSnr(betas) : betas);
  }

  public int numTimesteps() {
    return betas.length;
  }

  public float beta(int t) {
    return betas[t];
  }

  public float alphaCumprod(int t) {
    return alphasCumprod[t];
  }

  /** √ᾱ_t, the share of x₀ in the noisy sample. */
  public float signal(int t) {
    return (float) Math.sqrt(alphasCumprod[t]);
  }

  /** √(1 − ᾱ_t), the share of the noise. */
  public float noise(int t) {
    return (float) Math.sqrt(1 - alphasCumprod[t]);
  }

  /** What x_t is made of. */
  Sampler.Level level(int t) {
    return new Sampler.Level(signal(t), noise(t));
  }

  /** ᾱ / (1 − ᾱ). */
  public float snr(int t) {
    return alphasCumprod[t] / (1 - alphasCumprod[t]);
  }

  private static float[] cumulatedProduct(float[] betas) {
    float[] products = new float[betas.length];
    double product = 1;
    for (int t = 0; t < betas.length; t++) {
      product *= 1 - betas[t];
      products[t] = (float) product;
    }
    return products;
  }

  /** Lin et al. 2024, algorithm 1: √ᾱ shifted to 0 at the last step and scaled to keep the first. */
  private static float[] zeroTerminalSnr(float[] betas) {
    float[] bar = cumulatedProduct(betas);
    int n = bar.length;
    for (int t = 0; t < n; t++) {
      bar[t] = (float) Math.sqrt(bar[t]);
    }
    float first = bar[0];
    float last = bar[n - 1];
    float scale = first / (first - last);
    for (int t = 0; t < n; t++) {
      float root = (bar[t] - last) * scale;
      bar[t] = root * root;
    }
    float[] rescaled = new float[n];
    for (int t = 0; t < n; t++) {
      rescaled[t] = 1 - (t == 0 ? bar[0] : bar[t] / bar[t - 1]);
    }
    return rescaled;
  }
}
