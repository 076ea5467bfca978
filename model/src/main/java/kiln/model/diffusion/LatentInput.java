package kiln.model.diffusion;

import java.lang.foreign.MemorySegment;
import kiln.bindings.UserException;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.Moments;
import kiln.model.op.Ops;
import kiln.model.plan.Plan;
import kiln.model.train.BatchShape;
import kiln.model.train.EncodedSamples;
import kiln.model.train.MicroBatch;

/** Where a plan's distribution of latents comes from. Nothing is copied either way: inputs are bound to mapped memory. */
sealed interface LatentInput {
  /** [N, h, w, latentChannels], float32, not scaled. */
  Moments moments();

  /** Binds what the plan reads. */
  void fill(Plan plan, MicroBatch batch);

  static LatentInput trace(Graph graph, BatchShape shape, AutoencoderKl vae, boolean encoded, DType compute) {
    return encoded ? Encoded.trace(graph, shape, vae) : Pixels.trace(graph, shape, vae, compute);
  }

  /** From pictures, by the autoencoder. */
  record Pixels(Value pixels, Moments moments) implements LatentInput {
    static Pixels trace(Graph graph, BatchShape shape, AutoencoderKl vae, DType compute) {
      Shape pictures = Shape.of(shape.samples(), shape.height(), shape.width(), 3);
      Value pixels = graph.input("pixels", new TensorType(DType.U8, pictures));
      return new Pixels(pixels, vae.encode(Ops.cast(ImageRange.fromPixels(pixels), compute)));
    }

    @Override
    public void fill(Plan plan, MicroBatch batch) {
      plan.buffer(pixels).bind(batch.pixels());
    }
  }

  /** From what the autoencoder has made of them before; it is not run. */
  record Encoded(Value mean, Value logvar, Moments moments) implements LatentInput {
    static Encoded trace(Graph graph, BatchShape shape, AutoencoderKl vae) {
      int reduction = vae.config().reduction();
      if (shape.height() % reduction != 0 || shape.width() % reduction != 0) {
        throw new UserException(
            "pictures: expected sides that " + reduction + " divides, found " + shape.height() + "x" + shape.width());
      }
      Shape latents =
          Shape.of(
              shape.samples(), shape.height() / reduction, shape.width() / reduction, vae.config().latentChannels());
      TensorType type = new TensorType(DType.BF16, latents);
      Value mean = graph.input("mean", type);
      Value logvar = graph.input("logvar", type);
      return new Encoded(mean, logvar, new Moments(Ops.cast(mean, DType.F32), Ops.cast(logvar, DType.F32)));
    }

    @Override
    public void fill(Plan plan, MicroBatch batch) {
      EncodedSamples samples = batch.encoded();
      bind(plan, mean, samples.mean());
      bind(plan, logvar, samples.logvar());
    }

    private static void bind(Plan plan, Value value, MemorySegment place) {
      plan.buffer(value).bind(place);
    }
  }
}
