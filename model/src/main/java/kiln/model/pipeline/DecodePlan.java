package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;

/** The VAE's decoder for one shape of batch. */
final class DecodePlan implements Phase.Shaped {
  private final Value latents;
  private final Value images;
  private final NetworkPlan plan;

  /**
   * What decides the plan's shapes.
   *
   * @param count pictures
   * @param height of the latents
   * @param width of the latents
   */
  record Shape(int count, int height, int width) {}

  DecodePlan(Shape shape, AutoencoderKl vae, Backend backend, DType compute) {
    Graph graph = new Graph();
    int channels = vae.config().latentChannels();
    latents = graph.input("latents", TensorType.f32(shape.count, shape.height, shape.width, channels));
    Value unscaled = Ops.scale(latents, (float) (1 / vae.config().scalingFactor()));
    images = Ops.cast(vae.decode(Ops.cast(unscaled, compute)), DType.F32);
    plan = new NetworkPlan(graph, backend, List.of(images), List.of());
  }

  @Override
  public NetworkPlan plan() {
    return plan;
  }

  /** Scaled latents [count, h, w, latentChannels] → float32 [count, height, width, 3], about -1 … 1. */
  float[] decode(float[] scaled) {
    plan.place(latents).copyFrom(MemorySegment.ofArray(scaled));
    plan.run();
    return plan.place(images).toArray(ValueLayout.JAVA_FLOAT);
  }
}
