package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.Moments;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;

/** The VAE's encoder for one picture of one size. */
final class EncodePlan implements Phase.Shaped {
  private final float scale;
  private final Value image;
  private final Value mean;
  private final Value std;
  private final NetworkPlan plan;

  /**
   * What decides the plan's shapes.
   *
   * @param height of the picture
   * @param width of the picture
   */
  record Shape(int height, int width) {}

  /**
   * A picture's distribution over latents, scaled for diffusion.
   *
   * @param mean [h, w, latentChannels]
   * @param std of the same shape
   */
  record Latents(float[] mean, float[] std) {
    /**
     * One draw per row of noise.
     *
     * @param noise N(0, 1), [pictures, h, w, latentChannels]
     */
    float[] sample(float[] noise) {
      float[] sample = new float[noise.length];
      for (int i = 0; i < noise.length; i++) {
        sample[i] = mean[i % mean.length] + std[i % mean.length] * noise[i];
      }
      return sample;
    }
  }

  EncodePlan(Shape shape, AutoencoderKl vae, Backend backend, DType compute) {
    scale = (float) vae.config().scalingFactor();
    Graph graph = new Graph();
    image = graph.input("image", TensorType.f32(1, shape.height, shape.width, vae.config().inChannels()));
    Moments moments = vae.encode(Ops.cast(image, compute));
    mean = moments.mean();
    std = moments.std();
    plan = new NetworkPlan(graph, backend, List.of(mean, std), List.of());
  }

  @Override
  public NetworkPlan plan() {
    return plan;
  }

  /**
   * @param values float32 [height, width, 3]
   * @throws UserException if one of them is not in [-1, 1], which is what the network knows; nothing is clamped
   */
  Latents encode(float[] values) {
    checkRange(values);
    plan.place(image).copyFrom(MemorySegment.ofArray(values));
    plan.run();
    return new Latents(scaled(mean), scaled(std));
  }

  private static void checkRange(float[] values) {
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      least = Math.min(least, value); // NaN if one is
      most = Math.max(most, value);
    }
    if (!(least >= -1 && most <= 1)) {
      throw new UserException("VAE encoder: expected an image of values in [-1, 1], found " + least + " to " + most);
    }
  }

  private float[] scaled(Value value) {
    float[] values = plan.place(value).toArray(ValueLayout.JAVA_FLOAT);
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale;
    }
    return values;
  }
}
