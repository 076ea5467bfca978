package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;

/** The VAE's decoder for one shape of batch. */
final class DecodePlan implements AutoCloseable {
  /** The traced decoder. */
  static final class Traced {
    private final Value latents;
    private final Value images;
    private final PhaseGraph graph;

    /**
     * @param height of the latents
     * @param width of the latents
     */
    Traced(int count, int height, int width, AutoencoderKl vae, Backend backend, DType compute) {
      Graph traced = new Graph();
      latents = traced.input("latents", TensorType.f32(count, height, width, vae.config().latentChannels()));
      Value unscaled = Ops.scale(latents, (float) (1 / vae.config().scalingFactor()));
      images = Ops.cast(vae.decode(Ops.cast(unscaled, compute)), DType.F32);
      graph = new PhaseGraph(traced, backend, images);
    }

    long planBytes() {
      return graph.planBytes();
    }
  }

  private final Traced traced;
  private final Plan plan;

  DecodePlan(Traced traced, ParameterBinding weights) {
    this.traced = traced;
    plan = traced.graph.plan(weights);
  }

  /** Scaled latents [count, h, w, latentChannels] → float32 [count, height, width, 3], about -1 … 1. */
  float[] decode(float[] scaled) {
    MemorySegment.copy(scaled, 0, plan.buffer(traced.latents).segment(), ValueLayout.JAVA_FLOAT, 0, scaled.length);
    plan.run();
    return plan.buffer(traced.images).segment().toArray(ValueLayout.JAVA_FLOAT);
  }

  @Override
  public void close() {
    plan.close();
  }
}
