package kiln.model.diffusion;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.LongStream;
import kiln.bindings.RandomKernels;
import kiln.model.network.TextEncoder;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.random.Stream;

/**
 * Captions to images: text encoder, a walk of UNet calls with classifier-free guidance, VAE decoder. With guidance, conditional
 * and unconditional predictions are the two halves of one batch.
 */
public final class LatentDiffusionPipeline implements AutoCloseable {
  private final UNet2dConditionModel unet;
  private final TextEncoder textEncoder;
  private final AutoencoderKl vae;
  private final SchedulerConfig scheduler;
  private final List<ParameterBinding> weights;
  private final Backend backend;
  private PipelinePlans plans; // of the last shape: grids are drawn in batches of one shape

  /**
   * @param weights values of the parameters of all three networks, which must outlive this object
   */
  public LatentDiffusionPipeline(
      UNet2dConditionModel unet,
      TextEncoder textEncoder,
      AutoencoderKl vae,
      SchedulerConfig scheduler,
      List<ParameterBinding> weights,
      Backend backend) {
    this.unet = unet;
    this.textEncoder = textEncoder;
    this.vae = vae;
    this.scheduler = scheduler;
    this.weights = List.copyOf(weights);
    this.backend = backend;
  }

  /**
   * Draws one image per prompt.
   *
   * @return uint8 [count, height, width, 3]
   * @throws kiln.bindings.UserException if the size is none that the networks can have, or there are too many steps
   */
  public byte[] draw(Prompts prompts, DrawingSettings settings) {
    Sampler sampler = scheduler.sampler(new SamplerSettings(settings.sampler(), settings.steps()));
    prepare(
        new PipelinePlans.Shapes(
            prompts.count(), prompts.captionLength(), prompts.height(), prompts.width(), settings.guided()));
    plans.encodeText(prompts);
    return walk(prompts, settings, sampler);
  }

  private void prepare(PipelinePlans.Shapes shapes) {
    if (plans != null && !plans.shapes().equals(shapes)) {
      close();
    }
    if (plans == null) {
      plans = new PipelinePlans(shapes, unet, textEncoder, vae, weights, backend);
    }
  }

  private byte[] walk(Prompts prompts, DrawingSettings settings, Sampler sampler) {
    int n = prompts.count();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment numbers =
          arena.allocateFrom(
              ValueLayout.JAVA_LONG, LongStream.range(0, n).map(i -> prompts.firstDrawing() + i).toArray());
      MemorySegment drawn = arena.allocate((long) plans.latentElements() * Float.BYTES, 64);
      float[] latents = normal(drawn, numbers, settings.seed(), Stream.DRAWING, 0);
      for (int i = 0; i < latents.length; i++) {
        latents[i] *= sampler.initialNoiseScale();
      }
      float[] unconditional = new float[latents.length];
      float[] output = new float[latents.length];
      float[] fresh = latents; // not read unless the sampler uses noise
      float[] timesteps = sampler.timesteps();
      for (int i = 0; i < timesteps.length; i++) {
        plans.predict(latents, sampler.inputScale(i), timesteps[i], output, unconditional);
        if (settings.guided()) {
          guide(unconditional, output, n, settings);
        }
        if (sampler.usesNoise()) {
          fresh = normal(drawn, numbers, settings.seed(), Stream.DRAWING_STEP, i);
        }
        sampler.step(output, i, latents, fresh);
      }
      return plans.decode(latents);
    }
  }

  /** Leaves the guided prediction in {@code conditional}. */
  private static void guide(float[] unconditional, float[] conditional, int numSamples, DrawingSettings settings) {
    Guidance.guide(unconditional, conditional, settings.guidance(), unconditional);
    if (settings.guidanceRescale() > 0) {
      Guidance.rescale(unconditional, conditional, numSamples, settings.guidanceRescale());
    }
    System.arraycopy(unconditional, 0, conditional, 0, conditional.length);
  }

  private static float[] normal(MemorySegment out, MemorySegment numbers, long seed, Stream stream, int step) {
    RandomKernels.normal(out, numbers, seed, stream.ordinal(), step);
    return out.toArray(ValueLayout.JAVA_FLOAT);
  }

  @Override
  public void close() {
    if (plans != null) {
      plans.close();
      plans = null;
    }
  }
}
