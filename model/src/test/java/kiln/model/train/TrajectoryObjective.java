package kiln.model.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.diffusion.MinSnr;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.NoiseTables;
import kiln.model.diffusion.PredictionType;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.op.Ops;
import kiln.model.op.WeightedMse;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;

/** The objective of {@code train_trajectory/}: latents, noise, timesteps and text of every step come from the file. */
final class TrajectoryObjective implements Objective {
  private final UNet2dConditionModel unet;
  private final boolean velocity;
  private final NoiseTables tables;
  private final float[] lossWeights;
  private final Shape latentShape; // [steps, batch, C, H, W]
  private final Shape textShape; // [steps, batch, L, D]
  private final float[] latents; // channels last
  private final float[] noise; // channels last
  private final float[] text;
  private final int[] timesteps;

  TrajectoryObjective(UNet2dConditionModel unet, NoiseSchedule schedule, float gamma) {
    this.unet = unet;
    this.velocity = schedule.predictionType() == PredictionType.V_PREDICTION;
    this.tables = schedule.tables();
    this.lossWeights = MinSnr.weights(tables, schedule.predictionType(), gamma);
    try (GoldenTensors data = Golden.tensors("train_trajectory/data.safetensors")) {
      latentShape = data.shape("latents");
      textShape = data.shape("encoder_hidden_states");
      latents = channelsLast(data.floats("latents"));
      noise = channelsLast(data.floats("noise"));
      text = data.floats("encoder_hidden_states");
      timesteps = data.ints("timesteps");
    }
  }

  private float[] channelsLast(float[] values) {
    int rows = latentShape.dim(0) * latentShape.dim(1);
    return Golden.channelsLast(values, rows, latentShape.dim(2), latentShape.dim(3), latentShape.dim(4));
  }

  int batch() {
    return latentShape.dim(1);
  }

  BatchShape shape(int samples) {
    return new BatchShape(samples, latentShape.dim(3), latentShape.dim(4), textShape.dim(2));
  }

  @Override
  public List<Parameter> trained() {
    return unet.parameters();
  }

  @Override
  public List<ParameterBinding> frozen() {
    return List.of();
  }

  @Override
  public DType compute() {
    return DType.F32;
  }

  @Override
  public Traced trace(Graph graph, BatchShape shape) {
    return new TracedTrajectory(graph, shape);
  }

  private final class TracedTrajectory implements Traced {
    private final Value x;
    private final Value e;
    private final Value hidden;
    private final Value times;
    private final Value signalShare;
    private final Value noiseShare;
    private final Value weight;
    private final Value loss;

    TracedTrajectory(Graph graph, BatchShape shape) {
      int n = shape.samples();
      TensorType type = TensorType.f32(n, shape.height(), shape.width(), latentShape.dim(2));
      x = graph.input("latents", type);
      e = graph.input("noise", type);
      hidden = graph.input("text", TensorType.f32(n, shape.captionLength(), textShape.dim(3)));
      times = graph.input("timesteps", TensorType.i32(n));
      signalShare = graph.input("signal share", TensorType.f32(n, 1, 1, 1));
      noiseShare = graph.input("noise share", TensorType.f32(n, 1, 1, 1));
      weight = graph.input("weight", TensorType.f32(n));
      Value noisy = Ops.add(Ops.mul(x, signalShare), Ops.mul(e, noiseShare));
      Value target = velocity ? Ops.sub(Ops.mul(e, signalShare), Ops.mul(x, noiseShare)) : e;
      loss = graph.apply(new WeightedMse(), unet.apply(noisy, times, hidden, null), target, weight);
    }

    @Override
    public Value loss() {
      return loss;
    }

    @Override
    public void fill(Plan plan, long step, MicroBatch batch) {
      for (int i = 0; i < batch.shape().samples(); i++) {
        int row = (int) (step * batch() + batch.sampleIds().getAtIndex(ValueLayout.JAVA_LONG, i));
        int t = timesteps[row];
        copyRow(latents, row, plan.buffer(x).segment(), i, batch.shape().samples());
        copyRow(noise, row, plan.buffer(e).segment(), i, batch.shape().samples());
        copyRow(text, row, plan.buffer(hidden).segment(), i, batch.shape().samples());
        plan.buffer(times).segment().setAtIndex(ValueLayout.JAVA_INT, i, t);
        plan.buffer(signalShare).segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, tables.signal(t));
        plan.buffer(noiseShare).segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, tables.noise(t));
        plan.buffer(weight).segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, lossWeights[t]);
      }
    }
  }

  private static void copyRow(float[] source, int row, MemorySegment target, int targetRow, int targetRows) {
    int length = (int) (target.byteSize() / Float.BYTES / targetRows);
    MemorySegment.copy(
        source, row * length, target, ValueLayout.JAVA_FLOAT, (long) targetRow * length * Float.BYTES, length);
  }
}
