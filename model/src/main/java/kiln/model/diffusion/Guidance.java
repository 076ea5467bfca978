package kiln.model.diffusion;

/** Classifier-free guidance (Ho and Salimans 2022). */
public final class Guidance {
  private Guidance() {}

  /** out = unconditional + scale · (conditional − unconditional); {@code out} may be one of the others. */
  public static void guide(float[] unconditional, float[] conditional, float scale, float[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] = unconditional[i] + scale * (conditional[i] - unconditional[i]);
    }
  }

  /**
   * Brings the spread of every sample of {@code guided} back towards that of the conditional prediction (Lin et al. 2024,
   * section 3.4): guided = phi · guided · std(conditional) / std(guided) + (1 − phi) · guided, standard deviations with n − 1.
   *
   * @param phi 0 changes nothing, 1 restores the spread wholly
   */
  public static void rescale(float[] guided, float[] conditional, int numSamples, float phi) {
    int n = guided.length / numSamples;
    for (int start = 0; start < guided.length; start += n) {
      double ratio = deviation(conditional, start, n) / deviation(guided, start, n);
      float factor = (float) (phi * ratio + (1 - phi));
      for (int i = start; i < start + n; i++) {
        guided[i] *= factor;
      }
    }
  }

  private static double deviation(float[] x, int start, int n) {
    double sum = 0;
    for (int i = start; i < start + n; i++) {
      sum += x[i];
    }
    double mean = sum / n;
    double squares = 0;
    for (int i = start; i < start + n; i++) {
      squares += (x[i] - mean) * (x[i] - mean);
    }
    return Math.sqrt(squares / (n - 1));
  }
}
