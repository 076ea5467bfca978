package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.model.diffusion.Guidance;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.TextEncoder;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;

/**
 * The UNet for one shape of batch, with guidance. With guidance, the plan works on twice as many rows as there are pictures: the
 * unconditional half first.
 */
final class DenoisePlan implements Phase.Shaped {
  /**
   * What decides the plan's shapes.
   *
   * @param count pictures
   * @param height of the latents
   * @param width of the latents
   */
  record Shape(int count, int captionLength, int height, int width, boolean guided) {
    int rows() {
      return guided ? 2 * count : count;
    }
  }

  private final Shape shape;
  private final Value noisy;
  private final Value timesteps;
  private final Value context;
  private final Value mask; // null if padding is not masked
  private final Value prediction;
  private final NetworkPlan plan;
  private final float[] unconditional;

  DenoisePlan(Shape shape, UNet2dConditionModel unet, TextEncoder textEncoder, Backend backend, DType compute) {
    this.shape = shape;
    int rows = shape.rows();
    int channels = unet.config().inChannels();
    Graph graph = new Graph();
    noisy = graph.input("noisy latents", TensorType.f32(rows, shape.height, shape.width, channels));
    timesteps = graph.input("timesteps", TensorType.f32(rows));
    context = graph.input("text", TensorType.f32(rows, shape.captionLength, textEncoder.width()));
    mask = textEncoder.masksPadding() ? graph.input("mask", TensorType.i32(rows, shape.captionLength)) : null;
    prediction = Ops.cast(unet.apply(Ops.cast(noisy, compute), timesteps, context, mask), DType.F32);
    plan = new NetworkPlan(graph, backend, List.of(prediction), mask == null ? List.of(context) : List.of(context, mask));
    unconditional = new float[shape.guided ? shape.count * shape.height * shape.width * channels : 0];
  }

  @Override
  public NetworkPlan plan() {
    return plan;
  }

  /** The network as the subjects steer it, until it is steered anew. Keys and values of their texts are computed once. */
  Predictor steered(List<Subject> subjects, TextEncodings encodings, DrawingSettings settings) {
    int conditional = shape.rows() - shape.count;
    for (int i = 0; i < shape.count; i++) {
      encodings.copy(subjects.get(i).caption(), row(context, conditional + i), row(mask, conditional + i));
      if (shape.guided) {
        encodings.copy(subjects.get(i).negative(), row(context, i), row(mask, i));
      }
    }
    plan.steadyInputsChanged();
    return (sample, inputScale, timestep, output) -> predict(sample, inputScale, timestep, output, settings);
  }

  /** Row {@code index} of the first axis of an input; null if there is no such input. */
  private MemorySegment row(Value input, int index) {
    if (input == null) {
      return null;
    }
    MemorySegment all = plan.place(input);
    long bytes = all.byteSize() / shape.rows();
    return all.asSlice(index * bytes, bytes);
  }

  private void predict(float[] sample, float inputScale, float timestep, float[] output, DrawingSettings settings) {
    MemorySegment in = plan.place(noisy);
    for (int i = 0; i < sample.length; i++) {
      in.setAtIndex(ValueLayout.JAVA_FLOAT, i, sample[i] * inputScale);
    }
    MemorySegment times = plan.place(timesteps);
    for (int i = 0; i < shape.rows(); i++) {
      times.setAtIndex(ValueLayout.JAVA_FLOAT, i, timestep);
    }
    long half = (long) sample.length * Float.BYTES;
    MemorySegment out = plan.place(prediction);
    if (!shape.guided) {
      plan.run();
      MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, 0, output, 0, output.length);
      return;
    }
    MemorySegment.copy(in, 0, in, half, half);
    plan.run();
    MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, 0, unconditional, 0, output.length);
    MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, half, output, 0, output.length);
    Guidance.guide(unconditional, output, settings.guidance(), unconditional);
    if (settings.guidanceRescale() > 0) {
      Guidance.rescale(unconditional, output, shape.count, settings.guidanceRescale());
    }
    System.arraycopy(unconditional, 0, output, 0, output.length);
  }
}
