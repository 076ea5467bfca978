package kiln.model.diffusion;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the network predicts, with diffusers' names. Latents x₀, noise ε, ᾱ the cumulated product of 1 − β. */
public enum PredictionType {
  /** ε. */
  @JsonProperty("epsilon")
  EPSILON,
  /** x₀. */
  @JsonProperty("sample")
  SAMPLE,
  /** v = √ᾱ·ε − √(1−ᾱ)·x₀ (Salimans and Ho 2022). */
  @JsonProperty("v_prediction")
  V_PREDICTION;

  /** x₀ = {@code ofSample}·x + {@code ofOutput}·output, where x = alpha·x₀ + sigma·ε and alpha² + sigma² = 1. */
  record Denoising(double ofSample, double ofOutput) {}

  Denoising denoised(double alpha, double sigma) {
    return switch (this) {
      case EPSILON -> new Denoising(1 / alpha, -sigma / alpha);
      case SAMPLE -> new Denoising(0, 1);
      case V_PREDICTION -> new Denoising(alpha, -sigma);
    };
  }

  /** ε = {@code ofSample}·x + {@code ofOutput}·output. */
  Denoising noise(double alpha, double sigma) {
    return switch (this) {
      case EPSILON -> new Denoising(0, 1);
      case SAMPLE -> new Denoising(1 / sigma, -alpha / sigma);
      case V_PREDICTION -> new Denoising(sigma, alpha);
    };
  }
}
