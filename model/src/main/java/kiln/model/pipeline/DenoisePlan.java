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
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;

/**
 * The UNet for one shape of batch, with guidance. With guidance, the plan works on twice as many rows as there are pictures: the
 * unconditional half first.
 */
final class DenoisePlan implements Predictor, AutoCloseable {
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

  /** The traced UNet. */
  static final class Traced {
    private final Shape shape;
    private final Value noisy;
    private final Value timesteps;
    private final Value context;
    private final Value mask;
    private final Value prediction;
    private final PhaseGraph graph;

    Traced(Shape shape, UNet2dConditionModel unet, TextEncoder textEncoder, Backend backend, DType compute) {
      this.shape = shape;
      int rows = shape.rows();
      Graph traced = new Graph();
      int channels = unet.config().inChannels();
      noisy = traced.input("noisy latents", TensorType.f32(rows, shape.height(), shape.width(), channels));
      timesteps = traced.input("timesteps", TensorType.f32(rows));
      context = traced.input("text", TensorType.f32(rows, shape.captionLength(), textEncoder.width()));
      boolean masks = textEncoder.masksPadding();
      mask = masks ? traced.input("mask", TensorType.i32(rows, shape.captionLength())) : null;
      prediction = Ops.cast(unet.apply(Ops.cast(noisy, compute), timesteps, context, mask), DType.F32);
      graph = new PhaseGraph(traced, backend, prediction);
    }

    long planBytes() {
      return graph.planBytes();
    }
  }

  private final Traced traced;
  private final Plan plan;
  private final float guidance;
  private final float guidanceRescale;
  private final float[] unconditional;

  DenoisePlan(Traced traced, ParameterBinding weights, DrawingSettings settings) {
    this.traced = traced;
    this.guidance = settings.guidance();
    this.guidanceRescale = settings.guidanceRescale();
    plan = traced.graph.plan(weights);
    long elements = traced.prediction.shape().elements() / traced.shape.rows() * traced.shape.count();
    unconditional = new float[traced.shape.guided() ? Math.toIntExact(elements) : 0];
  }

  /** Steers the next predictions. */
  void steer(List<Subject> subjects, TextEncodings encodings) {
    int count = traced.shape.count();
    int conditional = traced.shape.rows() - count;
    for (int i = 0; i < count; i++) {
      encodings.copy(subjects.get(i).caption(), row(traced.context, conditional + i), row(traced.mask, conditional + i));
      if (traced.shape.guided()) {
        encodings.copy(subjects.get(i).negative(), row(traced.context, i), row(traced.mask, i));
      }
    }
  }

  /** Row {@code index} of the first axis of an input; null if there is no such input. */
  private MemorySegment row(Value input, int index) {
    if (input == null) {
      return null;
    }
    MemorySegment all = plan.buffer(input).segment();
    long bytes = all.byteSize() / traced.shape.rows();
    return all.asSlice(index * bytes, bytes);
  }

  @Override
  public void predict(float[] sample, float inputScale, float timestep, float[] output) {
    MemorySegment in = plan.buffer(traced.noisy).segment();
    for (int i = 0; i < sample.length; i++) {
      in.setAtIndex(ValueLayout.JAVA_FLOAT, i, sample[i] * inputScale);
    }
    MemorySegment times = plan.buffer(traced.timesteps).segment();
    for (int i = 0; i < traced.shape.rows(); i++) {
      times.setAtIndex(ValueLayout.JAVA_FLOAT, i, timestep);
    }
    long half = (long) sample.length * Float.BYTES;
    MemorySegment out = plan.buffer(traced.prediction).segment();
    if (!traced.shape.guided()) {
      plan.run();
      MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, 0, output, 0, output.length);
      return;
    }
    MemorySegment.copy(in, 0, in, half, half);
    plan.run();
    MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, 0, unconditional, 0, output.length);
    MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, half, output, 0, output.length);
    Guidance.guide(unconditional, output, guidance, unconditional);
    if (guidanceRescale > 0) {
      Guidance.rescale(unconditional, output, traced.shape.count(), guidanceRescale);
    }
    System.arraycopy(unconditional, 0, output, 0, output.length);
  }

  @Override
  public void close() {
    plan.close();
  }
}
