package kiln.bench.step;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kiln.model.autodiff.Autodiff;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.op.Ops;
import kiln.model.op.WeightedMse;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.GlobalNorm;
import kiln.model.plan.Backend;
import kiln.model.plan.FlopCount;
import kiln.model.plan.LaunchInfo;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.train.TrainingState;

/** Forward and backward of a UNet whose latents and text are given, clip by global norm, AdamW. */
final class UNetStep implements Work {
  private static final double LEARNING_RATE = 1e-5;
  private static final Ema NO_AVERAGE = Ema.growing(0);

  private final Backend backend = new CpuBackend();
  private final TrainingState state;
  private final Plan plan;
  private final long forwardFlops;
  private final AdamW optimizer = AdamW.standard();
  private long step;

  UNetStep(StepCase c) {
    UNet2dConditionConfig config = UNet2dConditionConfig.read(new ConfigReader("unet", c.unet()));
    UNet2dConditionModel unet = new UNet2dConditionModel(config, new ParameterScope());
    state = new TrainingState(unet.parameters(), false, c.computed()); // PyTorch's side keeps no moving average either
    state.initialize(0);

    Graph graph = new Graph();
    TensorType latents = TensorType.f32(c.batch(), c.height(), c.width(), config.inChannels());
    Value x = graph.input("latents", latents);
    Value target = graph.input("target", latents);
    Value weight = graph.input("weight", TensorType.f32(c.batch()));
    Value t = graph.input("timesteps", TensorType.i32(c.batch()));
    Value text = graph.input("text", TensorType.f32(c.batch(), c.tokens(), config.crossAttentionDim().getFirst()));
    DType computed = c.computed();
    Value prediction = Ops.cast(unet.apply(Ops.cast(x, computed), t, Ops.cast(text, computed), null), DType.F32);
    Value loss = graph.apply(new WeightedMse(), prediction, target, weight);
    Map<Value, Value> found = Autodiff.gradients(loss, graph.parameters().values());
    PlanBuilder builder = new PlanBuilder(graph, backend).output(loss);
    graph.parameters().forEach((parameter, value) -> {
      ParameterTable.Entry entry = state.table().entry(parameter.name());
      builder.bind(found.get(value), entry.slice(state.gradients()));
    });
    state.bound().bind(graph, builder);
    plan = builder.build();
    forwardFlops = FlopCount.of(graph, List.of(loss));
    Random random = new Random(1);
    for (Value input : List.of(x, target, text)) {
      fill(plan.buffer(input).segment(), random);
    }
    for (int i = 0; i < c.batch(); i++) {
      plan.buffer(t).segment().setAtIndex(ValueLayout.JAVA_INT, i, 500);
      plan.buffer(weight).segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
    }
  }

  static void fill(MemorySegment segment, Random random) {
    for (long i = 0; i < segment.byteSize() / Float.BYTES; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
  }

  @Override
  public void run() {
    plan.run();
    update();
  }

  private void update() {
    double norm = GlobalNorm.of(state.gradients());
    optimizer.step(state.regions(), NO_AVERAGE, ++step, LEARNING_RATE, GlobalNorm.clipScale(norm, 1));
  }

  @Override
  public void profile(Plan.LaunchProfiler profiler) {
    plan.run(profiler);
    long bytes = 8 * state.table().bytes() + state.narrowWeights().byteSize();
    long start = System.nanoTime();
    update();
    profiler.launched(new LaunchInfo("clip and AdamW", "", 0, bytes), start, System.nanoTime());
  }

  @Override
  public long parameters() {
    return state.table().numParameters();
  }

  @Override
  public long forwardFlops() {
    return forwardFlops;
  }

  @Override
  public long totalFlops() {
    return plan.flops();
  }

  @Override
  public void close() {
    plan.close();
    backend.close();
    state.close();
  }
}
