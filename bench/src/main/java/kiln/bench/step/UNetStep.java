package kiln.bench.step;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kiln.model.autodiff.Autodiff;
import kiln.model.backend.cpu.CpuBackend;
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
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.GlobalNorm;
import kiln.model.pass.Remat;
import kiln.model.pass.Rematerializer;
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
  private final long stepFlops; // without what is computed once more
  private final AdamW optimizer = AdamW.standard();
  private long step;

  UNetStep(StepCase c) {
    UNet2dConditionConfig config = UNet2dConditionConfig.read(new ConfigReader("unet", c.unet()));
    UNet2dConditionModel unet = new UNet2dConditionModel(config, new ParameterScope());
    state = new TrainingState(unet.parameters(), false, c.computed()); // PyTorch's side keeps no moving average either
    state.initialize(0);

    Traced traced = trace(unet, c, c.remat());
    PlanBuilder builder = new PlanBuilder(traced.graph, backend).output(traced.loss);
    traced.gradients.forEach((parameter, gradient) -> {
      ParameterTable.Entry entry = state.table().entry(parameter.name());
      builder.bind(gradient, entry.slice(state.gradients()));
    });
    state.bound().bind(traced.graph, builder);
    plan = builder.build();
    forwardFlops = FlopCount.of(traced.graph, List.of(traced.loss));
    stepFlops = c.remat() == Remat.NONE ? plan.flops() : trace(unet, c, Remat.NONE).flops();
    Random random = new Random(1);
    for (Value input : List.of(traced.latents, traced.target, traced.text)) {
      fill(plan.buffer(input).segment(), random);
    }
    for (int i = 0; i < c.batch(); i++) {
      plan.buffer(traced.timesteps).segment().setAtIndex(ValueLayout.JAVA_INT, i, 500);
      plan.buffer(traced.weight).segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
    }
  }

  /** Forward and backward; all values but the loss and the gradients are inputs. */
  private record Traced(
      Graph graph,
      Value latents,
      Value target,
      Value weight,
      Value timesteps,
      Value text,
      Value loss,
      Map<Parameter, Value> gradients) {
    long flops() {
      return FlopCount.of(graph, gradients.values());
    }
  }

  private static Traced trace(UNet2dConditionModel unet, StepCase c, Remat remat) {
    Graph graph = new Graph();
    TensorType latents = TensorType.f32(c.batch(), c.height(), c.width(), unet.config().inChannels());
    int width = unet.config().crossAttentionDim().getFirst();
    Value x = graph.input("latents", latents);
    Value target = graph.input("target", latents);
    Value weight = graph.input("weight", TensorType.f32(c.batch()));
    Value t = graph.input("timesteps", TensorType.i32(c.batch()));
    Value text = graph.input("text", TensorType.f32(c.batch(), c.tokens(), width));
    DType computed = c.computed();
    Value prediction = Ops.cast(unet.apply(Ops.cast(x, computed), t, Ops.cast(text, computed), null), DType.F32);
    Value loss = graph.apply(new WeightedMse(), prediction, target, weight);
    Map<Value, Value> found =
        Autodiff.gradients(loss, List.copyOf(graph.parameters().values()), Rematerializer.of(loss, remat));
    Map<Parameter, Value> gradients = new LinkedHashMap<>();
    graph.parameters().forEach((parameter, value) -> gradients.put(parameter, found.get(value)));
    return new Traced(graph, x, target, weight, t, text, loss, gradients);
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
    return stepFlops;
  }

  @Override
  public void close() {
    plan.close();
    backend.close();
    state.close();
  }
}
