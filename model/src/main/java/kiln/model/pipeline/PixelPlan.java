package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;

/** A UNet that draws pixels, for one shape of batch. */
final class PixelPlan implements Phase.Shaped {
  private final Shape shape;
  private final Value noisy;
  private final Value timesteps;
  private final Value classes; // null without classes
  private final Value prediction;
  private final NetworkPlan plan;

  /**
   * What decides the plan's shapes.
   *
   * @param count pictures
   * @param height of the pictures
   * @param width of the pictures
   * @param labelled whether they are of a class
   */
  record Shape(int count, int height, int width, boolean labelled) {}

  PixelPlan(Shape shape, UNet2dModel unet, Backend backend, DType compute) {
    this.shape = shape;
    Graph graph = new Graph();
    int channels = unet.config().inChannels();
    noisy = graph.input("noisy pictures", TensorType.f32(shape.count, shape.height, shape.width, channels));
    timesteps = graph.input("timesteps", TensorType.f32(shape.count));
    classes = shape.labelled ? graph.input("classes", TensorType.i32(shape.count)) : null;
    prediction = Ops.cast(unet.apply(Ops.cast(noisy, compute), timesteps, classes), DType.F32);
    plan = new NetworkPlan(graph, backend, List.of(prediction), shape.labelled ? List.of(classes) : List.of());
  }

  @Override
  public NetworkPlan plan() {
    return plan;
  }

  /**
   * The network for pictures of one class, until it is asked for another.
   *
   * @param label null without classes
   */
  Predictor of(Integer label) {
    if (shape.labelled) {
      MemorySegment place = plan.place(classes);
      for (int i = 0; i < shape.count; i++) {
        place.setAtIndex(ValueLayout.JAVA_INT, i, label);
      }
      plan.steadyInputsChanged();
    }
    return this::predict;
  }

  private void predict(float[] sample, float inputScale, float timestep, float[] output) {
    MemorySegment in = plan.place(noisy);
    for (int i = 0; i < sample.length; i++) {
      in.setAtIndex(ValueLayout.JAVA_FLOAT, i, sample[i] * inputScale);
    }
    MemorySegment times = plan.place(timesteps);
    for (int i = 0; i < shape.count; i++) {
      times.setAtIndex(ValueLayout.JAVA_FLOAT, i, timestep);
    }
    plan.run();
    MemorySegment.copy(plan.place(prediction), ValueLayout.JAVA_FLOAT, 0, output, 0, output.length);
  }
}
