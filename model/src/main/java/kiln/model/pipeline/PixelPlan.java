package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;

/** A UNet that draws pixels, for one shape of batch. */
final class PixelPlan implements Predictor, AutoCloseable {
  /** The traced UNet. */
  static final class Traced {
    private final Value noisy;
    private final Value timesteps;
    private final Value classes; // null without classes
    private final Value prediction;
    private final PhaseGraph graph;

    Traced(int count, PixelJob job, UNet2dModel unet, Backend backend, DType compute) {
      Graph traced = new Graph();
      int channels = unet.config().inChannels();
      noisy = traced.input("noisy pictures", TensorType.f32(count, job.height(), job.width(), channels));
      timesteps = traced.input("timesteps", TensorType.f32(count));
      classes = job.label() == null ? null : traced.input("classes", TensorType.i32(count));
      prediction = Ops.cast(unet.apply(Ops.cast(noisy, compute), timesteps, classes), DType.F32);
      graph = new PhaseGraph(traced, backend, prediction);
    }

    long planBytes() {
      return graph.planBytes();
    }
  }

  private final Traced traced;
  private final Plan plan;

  PixelPlan(Traced traced, ParameterBinding weights, Integer label) {
    this.traced = traced;
    plan = traced.graph.plan(weights);
    if (label != null) {
      MemorySegment classes = plan.buffer(traced.classes).segment();
      for (int i = 0; i < traced.classes.shape().dim(0); i++) {
        classes.setAtIndex(ValueLayout.JAVA_INT, i, label);
      }
    }
  }

  @Override
  public void predict(float[] sample, float inputScale, float timestep, float[] output) {
    MemorySegment in = plan.buffer(traced.noisy).segment();
    for (int i = 0; i < sample.length; i++) {
      in.setAtIndex(ValueLayout.JAVA_FLOAT, i, sample[i] * inputScale);
    }
    MemorySegment times = plan.buffer(traced.timesteps).segment();
    for (int i = 0; i < traced.timesteps.shape().dim(0); i++) {
      times.setAtIndex(ValueLayout.JAVA_FLOAT, i, timestep);
    }
    plan.run();
    MemorySegment.copy(plan.buffer(traced.prediction).segment(), ValueLayout.JAVA_FLOAT, 0, output, 0, output.length);
  }

  @Override
  public void close() {
    plan.close();
  }
}
