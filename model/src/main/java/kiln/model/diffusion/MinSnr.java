package kiln.model.diffusion;

/**
 * Min-SNR-γ loss weights (Hang et al. 2023): the loss of every step is weighted as if its signal-to-noise ratio were at most γ,
 * in terms of x₀.
 */
public final class MinSnr {
  private MinSnr() {}

  /**
   * Weights of all steps: epsilon min(snr, γ)/snr, v min(snr, γ)/(snr + 1), sample min(snr, γ).
   *
   * @param gamma γ; 0 weighs all steps alike, by 1
   */
  public static float[] weights(NoiseTables tables, PredictionType type, float gamma) {
    float[] weights = new float[tables.numTimesteps()];
    for (int t = 0; t < weights.length; t++) {
      weights[t] = gamma == 0 ? 1 : weight(tables.snr(t), type, gamma);
    }
    return weights;
  }

  private static float weight(float snr, PredictionType type, float gamma) {
    float capped = Math.min(snr, gamma);
    return switch (type) {
      case EPSILON -> snr <= gamma ? 1 : gamma / snr;
      case V_PREDICTION -> capped / (snr + 1);
      case SAMPLE -> capped;
    };
  }
}
