package kiln.launcher.generate;

import kiln.bindings.UserException;
import kiln.launcher.backend.BackendChoice;
import kiln.model.diffusion.SamplerKind;
import kiln.model.diffusion.SamplerSettings;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.graph.DType;
import kiln.model.pipeline.DrawingJob;
import kiln.model.pipeline.DrawingSettings;

/**
 * How a user wants pictures to be drawn, whatever they show.
 *
 * @param sampler null for that of the model's scheduler
 * @param steps calls of the network per picture
 * @param eta share of DDIM's noise
 * @param karras whether the sampler walks the noise levels of Karras et al. 2022
 * @param guidance scale of classifier-free guidance; null for {@link #GUIDANCE}
 * @param guidanceRescale share of the contrast that guidance adds which is taken back
 * @param batch most pictures at once; {@link DrawingJob#AUTOMATIC} for as many as are worth it
 * @param averaged whether to draw with the moving average of the weights, where a model has one
 * @param lowMemory whether a network's weights are in memory only while it works
 * @param compute what networks compute in, float32 or bfloat16
 * @param backend which kernels compute, and on what device
 */
public record DrawingOptions(
    SamplerKind sampler,
    int steps,
    float eta,
    boolean karras,
    Float guidance,
    float guidanceRescale,
    long seed,
    int batch,
    boolean averaged,
    boolean lowMemory,
    DType compute,
    BackendChoice backend) {
  /** Scale of guidance if nobody says another one. */
  public static final float GUIDANCE = 3;

  /** Plain options: no noise of the sampler's, moving averages, all weights in memory, float32, on what is best here. */
  public DrawingOptions(SamplerKind sampler, int steps, float guidance, long seed) {
    this(sampler, steps, 0, false, guidance, 0, seed, DrawingJob.AUTOMATIC, true, false, DType.F32, BackendChoice.AUTO);
  }

  /**
   * The same with a backend that is not auto.
   *
   * @throws UserException if it cannot be used here
   */
  DrawingOptions resolved() {
    return new DrawingOptions(
        sampler, steps, eta, karras, guidance, guidanceRescale, seed, batch, averaged, lowMemory, compute,
        backend.resolve().choice());
  }

  /** With guidance, for a model that takes text. */
  DrawingSettings settings(SchedulerConfig scheduler) {
    return settings(scheduler, guidance == null ? GUIDANCE : guidance);
  }

  /**
   * Without guidance, for a model that has nothing to be guided by.
   *
   * @throws UserException if guidance is asked for
   */
  DrawingSettings unguidedSettings(SchedulerConfig scheduler) {
    if (guidance != null) {
      throw new UserException("option --guidance: expected none, for the model takes no text, found " + guidance);
    }
    return settings(scheduler, 1);
  }

  private DrawingSettings settings(SchedulerConfig scheduler, float scale) {
    if (scale == 1 && guidanceRescale > 0) {
      throw new UserException("option --guidance-rescale: expected 0 without guidance, found " + guidanceRescale);
    }
    SamplerKind kind = sampler == null ? scheduler.samplerOf() : sampler;
    return new DrawingSettings(new SamplerSettings(kind, steps, eta, karras), scale, guidanceRescale, seed);
  }
}
