package kiln.bench.scaling;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.op.Ops;
import kiln.model.op.WeightedMse;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;
import kiln.model.train.BatchShape;
import kiln.model.train.MicroBatch;
import kiln.model.train.Objective;
import tools.jackson.databind.node.ObjectNode;

/**
 * A UNet alone: latents, text and the target are random numbers, drawn once. Height and width of a {@link BatchShape} are
 * those of the latents here, and nothing of a {@link MicroBatch} but its shape is read.
 */
public final class UNetObjective implements Objective {
  private static final int TIMESTEP = 500;

  private final UNet2dConditionConfig config;
  private final UNet2dConditionModel unet;
  private final DType computed;

  /**
   * @param json config.json of the UNet
   */
  UNetObjective(ObjectNode json, DType computed) {
    this(json, computed, new ParameterScope());
  }

  /**
   * @param json config.json of the UNet
   * @param scope in which its parameters are named
   */
  public UNetObjective(ObjectNode json, DType computed, ParameterScope scope) {
    this.config = UNet2dConditionConfig.read(new ConfigReader("unet", json));
    this.unet = new UNet2dConditionModel(config, scope);
    this.computed = computed;
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
    return computed;
  }

  @Override
  public Traced trace(Graph graph, BatchShape shape) {
    int samples = shape.samples();
    TensorType latents = TensorType.f32(samples, shape.height(), shape.width(), config.inChannels());
    Value x = graph.input("latents", latents);
    Value target = graph.input("target", latents);
    Value weight = graph.input("weight", TensorType.f32(samples));
    Value t = graph.input("timesteps", TensorType.i32(samples));
    Value text = graph.input("text", TensorType.f32(samples, shape.captionLength(), config.crossAttentionDim().getFirst()));
    Value prediction = Ops.cast(unet.apply(Ops.cast(x, computed), t, Ops.cast(text, computed), null), DType.F32);
    Value loss = graph.apply(new WeightedMse(), prediction, target, weight);
    return new Traced() {
      private boolean filled;

      @Override
      public Value loss() {
        return loss;
      }

      @Override
      public void fill(Plan plan, long step, MicroBatch batch) {
        if (filled) {
          return;
        }
        filled = true;
        Random random = new Random(1);
        for (Value input : List.of(x, target, text)) {
          gaussian(plan.buffer(input).segment(), random);
        }
        for (int i = 0; i < samples; i++) {
          plan.buffer(t).segment().setAtIndex(ValueLayout.JAVA_INT, i, TIMESTEP);
          plan.buffer(weight).segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
        }
      }
    };
  }

  private static void gaussian(MemorySegment segment, Random random) {
    for (long i = 0; i < segment.byteSize() / Float.BYTES; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
  }
}
