package kiln.launcher.preset;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.pass.Remat;
import tools.jackson.databind.node.ObjectNode;

/**
 * A recipe: everything that decides what a run computes, apart from its data and its seed. One JSON file each, in
 * {@code presets/} among the resources; names in JSON are snake_case.
 *
 * @param name as {@code --preset} takes it
 * @param description what it trains, and what was measured: time, machine, result
 * @param objective what is minimised, and so which networks there are
 * @param vae AutoencoderKL's config.json; absent when a trained one is read by {@code --vae}
 * @param autoencoder name of the preset that trains an autoencoder for this one; absent when {@code vae} is there
 * @param unet UNet2DConditionModel's config.json; absent for {@link ObjectiveKind#VAE}
 * @param textEncoder T5EncoderModel's config.json; absent for {@link ObjectiveKind#VAE}
 * @param trainTextEncoder whether the text encoder is trained with the UNet (if absent), or stays as it is
 * @param scheduler diffusers' scheduler_config.json; absent for {@link ObjectiveKind#VAE}
 * @param loss settings of the objective
 * @param optimizer AdamW, its learning rate and the clip
 * @param emaDecay decay of the moving average of the weights; 0 to keep none
 * @param batch samples of one optimizer step, over all ranks
 * @param microBatch samples of one forward and backward; divides {@code batch} and the blocks of the data
 * @param steps optimizer steps of the whole run
 * @param saveEvery steps between checkpoints; the last step is always saved
 * @param logEvery steps between progress lines when the output is no terminal
 * @param validation what is measured beside training
 * @param memory megabytes of Java heap of one rank; native memory comes on top
 * @param precision what the networks compute in; float32 if absent
 * @param remat which activations are computed once more in the backward pass; none if absent
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Preset(
    String name,
    String description,
    ObjectiveKind objective,
    ObjectNode vae,
    String autoencoder,
    ObjectNode unet,
    ObjectNode textEncoder,
    Boolean trainTextEncoder,
    ObjectNode scheduler,
    LossSettings loss,
    OptimizerSettings optimizer,
    double emaDecay,
    int batch,
    int microBatch,
    int steps,
    int saveEvery,
    int logEvery,
    ValidationSettings validation,
    int memory,
    Precision precision,
    Remat remat) {

  /** What a run minimises. */
  public enum ObjectiveKind {
    /** The autoencoder: squared error of the reconstruction, plus the weighted divergence of the posterior. */
    @JsonProperty("vae")
    VAE,
    /** The UNet and its text encoder: the weighted squared error of the predicted noise or velocity. */
    @JsonProperty("diffusion")
    DIFFUSION
  }

  /**
   * @param minSnrGamma γ of Min-SNR (Hang et al. 2023); 0 weighs all timesteps alike
   * @param captionDropout share of captions that are replaced by the empty one, for guidance
   * @param klWeight weight of the divergence in the autoencoder's loss
   */
  public record LossSettings(double minSnrGamma, double captionDropout, double klWeight) {
    public LossSettings {
      require(minSnrGamma >= 0, "loss.min_snr_gamma", "at least 0", minSnrGamma);
      require(captionDropout >= 0 && captionDropout <= 1, "loss.caption_dropout", "between 0 and 1", captionDropout);
      require(klWeight >= 0, "loss.kl_weight", "at least 0", klWeight);
    }
  }

  /**
   * AdamW (Loshchilov and Hutter 2019) with a warmed-up learning rate.
   *
   * @param learningRate the highest one
   * @param schedule what it does after the warm-up
   * @param warmupSteps steps in which it rises from 0
   * @param betas decays of the two moments
   * @param clipNorm bound of the gradient's global norm
   */
  public record OptimizerSettings(
      double learningRate,
      ScheduleKind schedule,
      int warmupSteps,
      List<Double> betas,
      double epsilon,
      double weightDecay,
      double clipNorm) {
    public OptimizerSettings {
      require(learningRate > 0, "optimizer.learning_rate", "more than 0", learningRate);
      require(warmupSteps >= 0, "optimizer.warmup_steps", "at least 0", warmupSteps);
      require(
          betas != null && betas.size() == 2 && betas.stream().allMatch(b -> b >= 0 && b < 1),
          "optimizer.betas",
          "two numbers between 0 and 1",
          betas);
      require(epsilon > 0, "optimizer.epsilon", "more than 0", epsilon);
      require(weightDecay >= 0, "optimizer.weight_decay", "at least 0", weightDecay);
      require(clipNorm > 0, "optimizer.clip_norm", "more than 0", clipNorm);
      betas = List.copyOf(betas);
    }
  }

  /** What the learning rate does after the warm-up. */
  public enum ScheduleKind {
    @JsonProperty("constant")
    CONSTANT,
    @JsonProperty("linear")
    LINEAR,
    @JsonProperty("cosine")
    COSINE
  }

  /**
   * @param samples how many of the validation queue, always the same, with the same noise and timesteps
   * @param every steps between measurements; the start and the end are always measured
   */
  public record ValidationSettings(int samples, int every) {
    public ValidationSettings {
      require(samples >= 1, "validation.samples", "at least 1", samples);
      require(every >= 1, "validation.every", "at least 1", every);
    }
  }

  public Preset {
    require(name != null && !name.isBlank(), "name", "a name", name);
    require(objective != null, "objective", "vae or diffusion", null);
    require(loss != null, "loss", "an object", null);
    require(optimizer != null, "optimizer", "an object", null);
    require(validation != null, "validation", "an object", null);
    switch (objective) {
      case VAE -> require(vae != null, "vae", "an autoencoder's configuration", null);
      case DIFFUSION -> {
        require(unet != null, "unet", "a UNet's configuration", null);
        require(textEncoder != null, "text_encoder", "a text encoder's configuration", null);
        require(scheduler != null, "scheduler", "a scheduler's configuration", null);
      }
    }
    require(emaDecay >= 0 && emaDecay < 1, "ema_decay", "at least 0 and below 1", emaDecay);
    require(batch >= 1, "batch", "at least 1", batch);
    require(microBatch >= 1, "micro_batch", "at least 1", microBatch);
    require(batch % microBatch == 0, "micro_batch", "a divisor of batch " + batch, microBatch);
    require(steps >= 1, "steps", "at least 1", steps);
    require(saveEvery >= 1, "save_every", "at least 1", saveEvery);
    require(logEvery >= 1, "log_every", "at least 1", logEvery);
    require(memory >= 64, "memory", "at least 64 (MiB)", memory);
    precision = precision == null ? Precision.FLOAT32 : precision;
    remat = remat == null ? Remat.NONE : remat;
    require(optimizer.warmupSteps() <= steps, "optimizer.warmup_steps", "at most steps " + steps, optimizer.warmupSteps());
  }

  /** The same recipe in another precision. */
  public Preset with(Precision other) {
    return new Preset(
        name, description, objective, vae, autoencoder, unet, textEncoder, trainTextEncoder, scheduler, loss, optimizer,
        emaDecay, batch, microBatch, steps, saveEvery, logEvery, validation, memory, other, remat);
  }

  /** The same recipe with other activations computed once more. */
  public Preset with(Remat other) {
    return new Preset(
        name, description, objective, vae, autoencoder, unet, textEncoder, trainTextEncoder, scheduler, loss, optimizer,
        emaDecay, batch, microBatch, steps, saveEvery, logEvery, validation, memory, precision, other);
  }

  /** Whether the text encoder is among what is trained; false if there is none. */
  public boolean trainsTextEncoder() {
    return textEncoder != null && !Boolean.FALSE.equals(trainTextEncoder);
  }

  /** The configuration of one of its own networks, by the name of its field; null if it has none of that name. */
  public ObjectNode network(String field) {
    return switch (field) {
      case "vae" -> vae;
      case "unet" -> unet;
      case "text_encoder" -> textEncoder;
      default -> throw new IllegalArgumentException("presets have no network called " + field);
    };
  }

  /** Micro-batches of one step, over all ranks. */
  public int microBatches() {
    return batch / microBatch;
  }

  private static void require(boolean holds, String field, String expected, Object found) {
    if (!holds) {
      throw new UserException("preset: " + field + ": expected " + expected + ", found " + (found == null ? "nothing" : found));
    }
  }
}
