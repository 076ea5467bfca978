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
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.op.Ops;
import kiln.model.op.WeightedMse;
import kiln.model.pass.Remat;
import kiln.model.pass.Rematerializer;
import kiln.model.plan.FlopCount;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.train.TrainingState;

/** Forward and backward of a UNet whose latents and text are given, clip by global norm, AdamW. */
public final class UNetStep implements Work {
  private static final int TIMESTEP = 500;

  private final UNetTraining training;
  private final boolean alone;
  private final Plan plan;
  private final Value loss;
  private final UNetTraining.Work work;

  /**
   * On the processor.
   *
   * @throws IllegalArgumentException if there is no kernel for the case's types
   */
  UNetStep(StepCase c) {
    this(c, new UNetTraining(c, new CpuBackend()), true);
  }

  /**
   * @param training of the case's network; it must outlive this, which leaves it open
   * @throws kiln.bindings.cuda.DeviceOutOfMemoryException if the plan does not fit a device
   */
  public UNetStep(StepCase c, UNetTraining training) {
    this(c, training, false);
  }

  private UNetStep(StepCase c, UNetTraining training, boolean alone) {
    this.training = training;
    this.alone = alone;
    TrainingState state = training.state();
    Traced traced = trace(training.unet(), c, c.remat());
    PlanBuilder builder = new PlanBuilder(traced.graph, training.backend()).output(traced.loss);
    traced.gradients.forEach((parameter, gradient) -> {
      ParameterTable.Entry entry = state.table().entry(parameter.name());
      builder.bind(gradient, entry.slice(state.gradients()));
    });
    state.bound().bind(traced.graph, builder);
    plan = builder.build();
    loss = traced.loss;
    work = work(training.unet(), c);
    Random random = new Random(1);
    for (Value input : List.of(traced.latents, traced.target, traced.text)) {
      fill(plan.buffer(input).segment(), random);
    }
    for (int i = 0; i < c.batch(); i++) {
      plan.buffer(traced.timesteps).segment().setAtIndex(ValueLayout.JAVA_INT, i, TIMESTEP);
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

  /** What a step computes, which need not be there. */
  static UNetTraining.Work work(UNet2dConditionModel unet, StepCase c) {
    Traced traced = trace(unet, c, Remat.NONE);
    return new UNetTraining.Work(FlopCount.of(traced.graph, List.of(traced.loss)), traced.flops());
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

  /** On a device, inputs of the next run travel meanwhile, and AdamW may still work when this returns. */
  @Override
  public void run() {
    plan.start();
    plan.stage();
    plan.await();
    training.update();
  }

  /** The loss of the last run. */
  public float loss() {
    return plan.buffer(loss).segment().get(ValueLayout.JAVA_FLOAT, 0);
  }

  @Override
  public void profile(Plan.LaunchProfiler profiler) {
    if (!training.backend().memory().isHost()) {
      plan.start(); // keeps the device busy until the launches that are to be measured have been queued
    }
    plan.run(profiler);
    training.update(profiler);
  }

  @Override
  public long parameters() {
    return training.state().table().numParameters();
  }

  @Override
  public long forwardFlops() {
    return work.forwardFlops();
  }

  @Override
  public long totalFlops() {
    return work.stepFlops();
  }

  @Override
  public void close() {
    plan.close();
    if (alone) {
      training.close();
    }
  }
}
