package kiln.model.diffusion;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import kiln.bindings.UserException;

/**
 * How noise is added in training and what the network predicts: the one object that trainer, validation and sampler read, and
 * that a checkpoint holds as {@code scheduler_config.json}. Names and defaults are those of diffusers' {@code DDIMScheduler}.
 *
 * @param numTrainTimesteps number of diffusion steps
 * @param betaStart first β; none for {@code squaredcos_cap_v2}
 * @param betaEnd last β
 * @param trainedBetas all β, instead of {@code betaSchedule}; or null
 * @param rescaleBetasZeroSnr shift √ᾱ so that the last step is pure noise (Lin et al. 2024)
 * @param stepsOffset added to the steps that a sampler visits with spacing {@code leading}
 * @param clipSample clip the predicted x₀ to ±{@code clipSampleRange} (DDIM)
 * @param setAlphaToOne ᾱ after the last sampler step is 1 instead of ᾱ₀ (DDIM)
 */
public record NoiseSchedule(
    @JsonProperty("num_train_timesteps") int numTrainTimesteps,
    @JsonProperty("beta_start") double betaStart,
    @JsonProperty("beta_end") double betaEnd,
    @JsonProperty("beta_schedule") BetaSchedule betaSchedule,
    @JsonProperty("trained_betas") List<Float> trainedBetas,
    @JsonProperty("prediction_type") PredictionType predictionType,
    @JsonProperty("rescale_betas_zero_snr") boolean rescaleBetasZeroSnr,
    @JsonProperty("timestep_spacing") TimestepSpacing timestepSpacing,
    @JsonProperty("steps_offset") int stepsOffset,
    @JsonProperty("clip_sample") boolean clipSample,
    @JsonProperty("clip_sample_range") double clipSampleRange,
    @JsonProperty("set_alpha_to_one") boolean setAlphaToOne) {

  /** Stable Diffusion's: 1000 steps, scaled linear from 0.00085 to 0.012, ε, sampled with spacing {@code leading} + 1. */
  public static final NoiseSchedule STABLE_DIFFUSION =
      new NoiseSchedule(
          1000, 0.00085, 0.012, BetaSchedule.SCALED_LINEAR, null, PredictionType.EPSILON, false, TimestepSpacing.LEADING, 1,
          false, 1, false);

  public NoiseSchedule {
    trainedBetas = trainedBetas == null ? null : List.copyOf(trainedBetas);
    require(numTrainTimesteps > 0, "num_train_timesteps", "a positive number", numTrainTimesteps);
    require(betaStart >= 0 && betaStart < 1, "beta_start", "0 to 1", betaStart);
    require(betaEnd >= betaStart && betaEnd < 1, "beta_end", "beta_start to 1", betaEnd);
    require(stepsOffset >= 0, "steps_offset", "0 or more", stepsOffset);
    require(clipSampleRange > 0, "clip_sample_range", "a positive number", clipSampleRange);
    boolean complete = trainedBetas == null || trainedBetas.size() == numTrainTimesteps;
    require(complete, "trained_betas", "num_train_timesteps numbers", trainedBetas == null ? 0 : trainedBetas.size());
    boolean defined = !rescaleBetasZeroSnr || predictionType != PredictionType.EPSILON;
    require(defined, "rescale_betas_zero_snr", "false, since pure noise says nothing of epsilon", rescaleBetasZeroSnr);
  }

  private static void require(boolean condition, String name, String expected, Object found) {
    if (!condition) {
      throw new UserException("noise schedule: " + name + ": expected " + expected + ", found " + found);
    }
  }

  /** β and ᾱ of every step. */
  public NoiseTables tables() {
    return NoiseTables.of(this);
  }
}
