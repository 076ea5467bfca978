package kiln.model.diffusion;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.RandomKernels;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.TextEncoder;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.Moments;
import kiln.model.op.Ops;
import kiln.model.op.WeightedMse;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;
import kiln.model.random.Philox;
import kiln.model.random.Stream;
import kiln.model.train.BatchShape;
import kiln.model.train.MicroBatch;
import kiln.model.train.Objective;

/**
 * Denoising in the latent space of a frozen autoencoder, steered by a text encoder that is trained too, or frozen (Rombach et
 * al. 2022).
 *
 * <pre>
 *   pixels ─ VAE encoder ─ draw from posterior ─ · scale ─ add noise ─┐
 *                                                                     ├─ UNet ─ weighted squared error to ε, v or x₀
 *   caption, at times the empty one ─ text encoder ───────────────────┘
 * </pre>
 *
 * <p>Everything random (timestep, noise, posterior, whether the caption is dropped) depends on (seed, step, sample id) only.
 */
public final class DiffusionObjective implements Objective {
  private final UNet2dConditionModel unet;
  private final TextEncoder textEncoder;
  private final AutoencoderKl vae;
  private final List<Parameter> trained;
  private final List<ParameterBinding> frozen;
  private final DiffusionSettings settings;
  private final DType compute;
  private final SampleContents contents;
  private final NoiseTables tables;
  private final float[] lossWeights;

  /**
   * Of pictures and captions.
   *
   * @param trained the UNet's parameters and, to train it jointly, the text encoder's
   * @param frozen values of the other networks' parameters
   * @param compute what the networks compute in, float32 or bfloat16; noise, target and loss are float32 in any case
   */
  public DiffusionObjective(
      UNet2dConditionModel unet,
      TextEncoder textEncoder,
      AutoencoderKl vae,
      List<Parameter> trained,
      List<ParameterBinding> frozen,
      DiffusionSettings settings,
      DType compute) {
    this(unet, textEncoder, vae, trained, frozen, settings, compute, SampleContents.PIXELS);
  }

  /**
   * The same of samples on which the frozen networks may have worked before: those are not run then, and the loss is the same
   * for the same noise, but for the rounding of what was kept to bfloat16.
   *
   * @param contents what the micro-batches hold; with text states only if the text encoder is not trained
   */
  public DiffusionObjective(
      UNet2dConditionModel unet,
      TextEncoder textEncoder,
      AutoencoderKl vae,
      List<Parameter> trained,
      List<ParameterBinding> frozen,
      DiffusionSettings settings,
      DType compute,
      SampleContents contents) {
    this.contents = contents;
    this.unet = unet;
    this.textEncoder = textEncoder;
    this.vae = vae;
    this.trained = List.copyOf(trained);
    this.frozen = List.copyOf(frozen);
    this.settings = settings;
    this.compute = compute;
    this.tables = settings.schedule().tables();
    this.lossWeights = MinSnr.weights(tables, settings.schedule().predictionType(), settings.minSnrGamma());
  }

  @Override
  public List<Parameter> trained() {
    return trained;
  }

  @Override
  public List<ParameterBinding> frozen() {
    return frozen;
  }

  @Override
  public DType compute() {
    return compute;
  }

  @Override
  public Traced trace(Graph graph, BatchShape shape) {
    return new TracedDiffusion(graph, shape);
  }

  private final class TracedDiffusion implements Traced {
    private final LatentInput picture;
    private final TextInput caption;
    private final Value timesteps;
    private final Value signalShare;
    private final Value noiseShare;
    private final Value noise;
    private final Value posteriorNoise;
    private final Value lossWeight;
    private final Value loss;
    private final boolean[] keepsCaption; // of each sample, in the micro-batch that was filled in last

    TracedDiffusion(Graph graph, BatchShape shape) {
      int n = shape.samples();
      keepsCaption = new boolean[n];
      timesteps = graph.input("timesteps", TensorType.i32(n));
      signalShare = graph.input("signal share", TensorType.f32(n, 1, 1, 1));
      noiseShare = graph.input("noise share", TensorType.f32(n, 1, 1, 1));
      lossWeight = graph.input("loss weight", TensorType.f32(n));

      picture = LatentInput.trace(graph, shape, vae, contents.hasLatents(), compute);
      Moments moments = picture.moments();
      TensorType latentType = moments.mean().type(); // [N, h, w, latentChannels]
      posteriorNoise = graph.input("posterior noise", latentType);
      noise = graph.input("noise", latentType);
      Value latents = Ops.scale(moments.sample(posteriorNoise), (float) vae.config().scalingFactor());
      Value noisy = Ops.add(Ops.mul(latents, signalShare), Ops.mul(noise, noiseShare));

      caption = TextInput.trace(graph, shape, textEncoder, contents.hasText(), compute);
      Value prediction = unet.apply(Ops.cast(noisy, compute), timesteps, caption.states(), caption.mask());
      loss = graph.apply(new WeightedMse(), Ops.cast(prediction, DType.F32), target(latents), lossWeight);
    }

    private Value target(Value latents) {
      return switch (settings.schedule().predictionType()) {
        case EPSILON -> noise;
        case SAMPLE -> latents;
        case V_PREDICTION -> Ops.sub(Ops.mul(noise, signalShare), Ops.mul(latents, noiseShare));
      };
    }

    @Override
    public Value loss() {
      return loss;
    }

    @Override
    public void fill(Plan plan, long step, MicroBatch batch) {
      normal(plan, noise, Stream.NOISE, step, batch);
      normal(plan, posteriorNoise, Stream.POSTERIOR, step, batch);
      for (int n = 0; n < batch.shape().samples(); n++) {
        fillSample(plan, step, n, batch.sampleIds().getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, n));
      }
      picture.fill(plan, batch);
      caption.fill(plan, batch, keepsCaption);
    }

    private void fillSample(Plan plan, long step, int n, long sample) {
      long seed = settings.seed();
      int t = Philox.uniformInt(tables.numTimesteps(), seed, Stream.TIMESTEP, step, sample, 0);
      keepsCaption[n] = Philox.uniform(seed, Stream.CAPTION_DROPOUT, step, sample, 0) >= settings.captionDropout();
      setInt(plan, timesteps, n, t);
      setFloat(plan, signalShare, n, tables.signal(t));
      setFloat(plan, noiseShare, n, tables.noise(t));
      setFloat(plan, lossWeight, n, lossWeights[t]);
    }

    private void normal(Plan plan, Value value, Stream stream, long step, MicroBatch batch) {
      MemorySegment out = plan.buffer(value).segment();
      RandomKernels.normal(out, batch.sampleIds(), settings.seed(), stream.ordinal(), Philox.stepWord(step));
    }
  }

  private static void setInt(Plan plan, Value value, int index, int x) {
    plan.buffer(value).segment().setAtIndex(ValueLayout.JAVA_INT, index, x);
  }

  private static void setFloat(Plan plan, Value value, int index, float x) {
    plan.buffer(value).segment().setAtIndex(ValueLayout.JAVA_FLOAT, index, x);
  }

  /** The trained parameters of a joint run: the UNet's, then the text encoder's. */
  public static List<Parameter> jointly(UNet2dConditionModel unet, TextEncoder textEncoder) {
    List<Parameter> parameters = new ArrayList<>(unet.parameters());
    parameters.addAll(textEncoder.parameters());
    return parameters;
  }
}
