package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.bindings.UserException;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.Moments;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;

/** The VAE's encoder for one picture of one size. */
final class EncodePhase {
  private final AutoencoderKl vae;
  private final Value image;
  private final Value mean;
  private final Value std;
  private final PhaseGraph graph;

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

  EncodePhase(AutoencoderKl vae, int height, int width, Backend backend, DType compute) {
    this.vae = vae;
    Graph traced = new Graph();
    image = traced.input("image", TensorType.f32(1, height, width, vae.config().inChannels()));
    Moments moments = vae.encode(Ops.cast(image, compute));
    mean = moments.mean();
    std = moments.std();
    graph = new PhaseGraph(traced, backend, mean, std);
  }

  long planBytes() {
    return graph.planBytes();
  }

  /**
   * @param values float32 [height, width, 3]
   * @throws UserException if one of them is not in [-1, 1], which is what the network knows; nothing is clamped
   */
  Latents encode(float[] values, ParameterBinding weights) {
    checkRange(values);
    try (Plan plan = graph.plan(weights)) {
      MemorySegment.copy(values, 0, plan.buffer(image).segment(), ValueLayout.JAVA_FLOAT, 0, values.length);
      plan.run();
      return new Latents(scaled(plan, mean), scaled(plan, std));
    }
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

  private float[] scaled(Plan plan, Value value) {
    float[] values = plan.buffer(value).segment().toArray(ValueLayout.JAVA_FLOAT);
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) vae.config().scalingFactor();
    }
    return values;
  }
}
