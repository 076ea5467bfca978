package kiln.bench.step;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.SamplerKind;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.op.Ops;
import kiln.model.pipeline.Caption;
import kiln.model.pipeline.DrawingJob;
import kiln.model.pipeline.DrawingListener;
import kiln.model.pipeline.DrawingSettings;
import kiln.model.pipeline.LatentDiffusionPipeline;
import kiln.model.pipeline.PlanSizes;
import kiln.model.pipeline.Subject;
import kiln.model.plan.Backend;
import kiln.model.plan.FlopCount;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/**
 * Guided DDIM in latent space, then the decoder, by Kiln's own pipeline. As in {@code kiln generate}, weights stay mapped, and the
 * pipeline keeps from one run to the next the plans of the networks, as PyTorch keeps memory and kernels. Every run encodes its
 * texts anew and computes their keys and values for the UNet; only PyTorch's side does the latter in every step.
 */
final class Draw implements Work {
  private static final float GUIDANCE = 7.5f;

  private final StepCase c;
  private final Backend backend = new CpuBackend();
  private final UNet2dConditionModel unet;
  private final AutoencoderKl vae;
  private final GivenText text;
  private final long parameters;
  private final StoredWeights unetWeights;
  private final StoredWeights vaeWeights;
  private final StoredWeights textWeights;
  private final LatentDiffusionPipeline pipeline;
  private final DrawingJob job;

  Draw(StepCase c) {
    this.c = c;
    unet = new UNet2dConditionModel(
        UNet2dConditionConfig.read(new ConfigReader("unet", c.unet())), new ParameterScope().child("unet"));
    vae = new AutoencoderKl(AutoencoderKlConfig.read(new ConfigReader("vae", c.vae())), new ParameterScope().child("vae"));
    text = new GivenText(unet.config().crossAttentionDim().getFirst());
    List<Parameter> all = new ArrayList<>(unet.parameters());
    all.addAll(vae.parameters());
    parameters = new ParameterTable(all).numParameters();
    unetWeights = new StoredWeights(unet.parameters());
    vaeWeights = new StoredWeights(vae.parameters());
    textWeights = new StoredWeights(text.parameters());
    pipeline =
        new LatentDiffusionPipeline(
            text, unet, vae, SchedulerConfig.of(SamplerKind.DDIM, NoiseSchedule.STABLE_DIFFUSION),
            new LatentDiffusionPipeline.Weights(textWeights, unetWeights, vaeWeights), backend, c.computed());
    Subject subject = new Subject(caption('k', c.tokens()), caption('n', c.tokens()), 0);
    DrawingSettings settings = new DrawingSettings(SamplerKind.DDIM, c.steps(), GUIDANCE, 0, 0);
    job = new DrawingJob(Collections.nCopies(c.batch(), subject), c.height(), c.width(), settings, c.batch(), null);
  }

  private static Caption caption(int id, int length) {
    return new Caption(Collections.nCopies(length, id), length);
  }

  @Override
  public void run() {
    pipeline.draw(
        job,
        new DrawingListener() {
          @Override
          public void planned(PlanSizes sizes) {}

          @Override
          public void stepped(int done, int total) {}

          @Override
          public void drawn(int place, byte[] rgb) {}
        });
  }

  /** The UNet on the rows of a guided step, as the pipeline traces it. */
  private final class TracedUnet {
    final Graph graph = new Graph();
    final Value context;
    final Value prediction;

    TracedUnet() {
      int rows = 2 * c.batch();
      TensorType latents = TensorType.f32(rows, latent(c.height()), latent(c.width()), unet.config().inChannels());
      Value x = Ops.cast(graph.input("latents", latents), c.computed());
      Value t = graph.input("timesteps", TensorType.f32(rows));
      context = graph.input("text", TensorType.f32(rows, c.tokens(), text.width()));
      prediction = unet.apply(x, t, context, null);
    }

    Plan plan() {
      PlanBuilder builder = new PlanBuilder(graph, backend).output(prediction).steady(context);
      graph.parameters().values().forEach(builder::constant);
      unetWeights.acquire().bind(graph, builder);
      return builder.build();
    }
  }

  private int latent(int pixels) {
    return pixels >> (vae.config().blockOutChannels().size() - 1);
  }

  /** A call of the UNet after the first one with a text. */
  @Override
  public void profile(Plan.LaunchProfiler profiler) {
    try (Plan plan = new TracedUnet().plan()) {
      plan.run();
      plan.run(profiler);
    }
  }

  @Override
  public long parameters() {
    return parameters;
  }

  @Override
  public long forwardFlops() {
    TracedUnet traced = new TracedUnet();
    return FlopCount.of(traced.graph, List.of(traced.prediction));
  }

  /** What is computed, not what PyTorch's side computes. */
  @Override
  public long totalFlops() {
    Graph graph = new Graph();
    TensorType latents =
        TensorType.f32(c.batch(), latent(c.height()), latent(c.width()), vae.config().latentChannels());
    Value image = vae.decode(graph.input("latents", latents));
    try (Plan plan = new TracedUnet().plan()) {
      return forwardFlops() + (c.steps() - 1) * plan.flops() + FlopCount.of(graph, List.of(image));
    }
  }

  @Override
  public void close() {
    pipeline.close();
    backend.close();
    unetWeights.close();
    vaeWeights.close();
    textWeights.close();
  }
}
