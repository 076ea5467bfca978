package kiln.model.diffusion;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How β grows over the training steps, with diffusers' names and, in float32, its arithmetic. */
public enum BetaSchedule {
  /** Evenly from start to end (Ho et al. 2020). */
  @JsonProperty("linear")
  LINEAR,
  /** The square of an even walk between the roots (Rombach et al. 2022). */
  @JsonProperty("scaled_linear")
  SCALED_LINEAR,
  /** β from ᾱ(t) = cos²((t + 0.008) / 1.008 · π/2), at most 0.999 (Nichol and Dhariwal 2021); start and end play no role. */
  @JsonProperty("squaredcos_cap_v2")
  SQUAREDCOS_CAP_V2;

  private static final double COSINE_CAP = 0.999;

  float[] betas(int numSteps, double start, double end) {
    return switch (this) {
      case LINEAR -> linspace(start, end, numSteps);
      case SCALED_LINEAR -> squares(linspace(Math.sqrt(start), Math.sqrt(end), numSteps));
      case SQUAREDCOS_CAP_V2 -> cosine(numSteps);
    };
  }

  /** As torch.linspace in float32: from both ends towards the middle. */
  private static float[] linspace(double start, double end, int n) {
    float first = (float) start;
    float last = (float) end;
    float[] values = new float[n];
    float step = n == 1 ? 0 : (last - first) / (n - 1);
    for (int i = 0; i < n; i++) {
      values[i] = i < n / 2 ? first + step * i : last - step * (n - 1 - i);
    }
    if (n == 1) {
      values[0] = first;
    }
    return values;
  }

  private static float[] squares(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= values[i];
    }
    return values;
  }

  private static float[] cosine(int n) {
    float[] betas = new float[n];
    for (int i = 0; i < n; i++) {
      betas[i] = (float) Math.min(1 - cosineBar((i + 1.0) / n) / cosineBar((double) i / n), COSINE_CAP);
    }
    return betas;
  }

  private static double cosineBar(double t) {
    double c = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
    return c * c;
  }
}
