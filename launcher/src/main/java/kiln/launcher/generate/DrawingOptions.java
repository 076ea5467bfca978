package kiln.launcher.generate;

import kiln.model.diffusion.SamplerKind;
import kiln.model.diffusion.SamplerSettings;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.pipeline.DrawingJob;
import kiln.model.pipeline.DrawingSettings;

/**
 * How a user wants pictures to be drawn, whatever they show.
 *
 * @param sampler null for that of the model's scheduler
 * @param steps calls of the network per picture
 * @param eta share of DDIM's noise
 * @param karras whether the sampler walks the noise levels of Karras et al. 2022
 * @param batch most pictures at once; {@link DrawingJob#AUTOMATIC} for as many as are worth it
 * @param averaged whether to draw with the moving average of the weights, where a model has one
 * @param lowMemory whether a network's weights are in memory only while it works
 */
public record DrawingOptions(
    SamplerKind sampler,
    int steps,
    float eta,
    boolean karras,
    float guidance,
    float guidanceRescale,
    long seed,
    int batch,
    boolean averaged,
    boolean lowMemory) {

  /** Plain options: no noise of the sampler's, moving averages, all weights in memory. */
  public DrawingOptions(SamplerKind sampler, int steps, float guidance, long seed) {
    this(sampler, steps, 0, false, guidance, 0, seed, DrawingJob.AUTOMATIC, true, false);
  }

  DrawingSettings settings(SchedulerConfig scheduler) {
    SamplerKind kind = sampler == null ? scheduler.samplerOf() : sampler;
    return new DrawingSettings(new SamplerSettings(kind, steps, eta, karras), guidance, guidanceRescale, seed);
  }
}
