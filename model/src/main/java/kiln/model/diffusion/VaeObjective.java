package kiln.model.diffusion;

import java.util.List;
import kiln.bindings.RandomKernels;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.Moments;
import kiln.model.op.Fill;
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
 * The autoencoder's loss (Kingma and Welling 2014): mean squared error of the reconstruction from a draw of the posterior, plus
 * {@code klWeight} times the posterior's divergence from N(0, 1), summed over each sample's latents and averaged over samples.
 */
public final class VaeObjective implements Objective {
  private final AutoencoderKl vae;
  private final float klWeight;
  private final long seed;
  private final DType compute;

  /**
   * @param compute what the network computes in, float32 or bfloat16; latents' distribution and loss are float32 in any case
   */
  public VaeObjective(AutoencoderKl vae, float klWeight, long seed, DType compute) {
    this.compute = compute;
    this.vae = vae;
    this.klWeight = klWeight;
    this.seed = seed;
  }

  @Override
  public List<Parameter> trained() {
    return vae.parameters();
  }

  @Override
  public List<ParameterBinding> frozen() {
    return List.of();
  }

  @Override
  public DType compute() {
    return compute;
  }

  @Override
  public Traced trace(Graph graph, BatchShape shape) {
    TensorType type = new TensorType(DType.U8, Shape.of(shape.samples(), shape.height(), shape.width(), 3));
    Value pixels = graph.input("pixels", type);
    Value images = ImageRange.fromPixels(pixels);
    Moments moments = vae.encode(Ops.cast(images, compute));
    Value noise = graph.input("posterior noise", moments.mean().type());
    Value reconstruction = Ops.cast(vae.decode(Ops.cast(moments.sample(noise), compute)), DType.F32);
    return new TracedVae(pixels, noise, loss(images, reconstruction, moments, klWeight));
  }

  /** Images and reconstruction [N, H, W, 3] → scalar. */
  static Value loss(Value images, Value reconstruction, Moments moments, float klWeight) {
    Graph graph = images.graph();
    int n = images.shape().dim(0);
    Value evenly = graph.apply(new Fill(Shape.of(n), 1));
    Value error = graph.apply(new WeightedMse(), reconstruction, images, evenly);
    Value divergence = Ops.reshape(Ops.sum(moments.kl(), 0, 1), Shape.SCALAR);
    return Ops.add(error, Ops.scale(divergence, klWeight / n));
  }

  private final class TracedVae implements Traced {
    private final Value pixels;
    private final Value noise;
    private final Value loss;

    TracedVae(Value pixels, Value noise, Value loss) {
      this.pixels = pixels;
      this.noise = noise;
      this.loss = loss;
    }

    @Override
    public Value loss() {
      return loss;
    }

    @Override
    public void fill(Plan plan, long step, MicroBatch batch) {
      plan.buffer(pixels).bind(batch.pixels());
      RandomKernels.normal(
          plan.buffer(noise).segment(), batch.sampleIds(), seed, Stream.POSTERIOR.ordinal(), Philox.stepWord(step));
    }
  }
}
