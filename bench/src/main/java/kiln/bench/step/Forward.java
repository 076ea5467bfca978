package kiln.bench.step;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/** One forward pass of a network. */
final class Forward implements Work {
  private final Backend backend = new CpuBackend();
  private final long parameters;
  private final StoredWeights weights;
  private final Plan plan;

  private Forward(List<Parameter> parameters, Graph graph, Value output) {
    this.parameters = new ParameterTable(parameters).numParameters();
    weights = new StoredWeights(parameters);
    PlanBuilder builder = new PlanBuilder(graph, backend).output(output);
    graph.parameters().values().forEach(builder::constant);
    weights.acquire().bind(graph, builder);
    plan = builder.build();
  }

  /** Captions without padding. */
  static Forward t5(StepCase c) {
    T5Encoder encoder = new T5Encoder(T5Config.read(new ConfigReader("text_encoder", c.textEncoder())), new ParameterScope());
    Graph graph = new Graph();
    Value ids = graph.input("ids", TensorType.i32(c.batch(), c.tokens()));
    Value mask = graph.input("mask", TensorType.i32(c.batch(), c.tokens()));
    Forward forward = new Forward(encoder.parameters(), graph, encoder.apply(ids, mask, c.computed()));
    Random random = new Random(1);
    for (long i = 0; i < ids.shape().elements(); i++) {
      forward.plan.buffer(ids).segment().setAtIndex(ValueLayout.JAVA_INT, i, 3 + random.nextInt(256));
      forward.plan.buffer(mask).segment().setAtIndex(ValueLayout.JAVA_INT, i, 1);
    }
    return forward;
  }

  static Forward vaeEncode(StepCase c) {
    AutoencoderKl vae = new AutoencoderKl(AutoencoderKlConfig.read(new ConfigReader("vae", c.vae())), new ParameterScope());
    Graph graph = new Graph();
    Value images = graph.input("images", TensorType.f32(c.batch(), c.height(), c.width(), 3));
    Forward forward = new Forward(vae.parameters(), graph, vae.encode(Ops.cast(images, c.computed())).mean());
    UNetStep.fill(forward.plan.buffer(images).segment(), new Random(1));
    return forward;
  }

  @Override
  public void run() {
    plan.run();
  }

  @Override
  public void profile(Plan.LaunchProfiler profiler) {
    plan.run(profiler);
  }

  @Override
  public long parameters() {
    return parameters;
  }

  @Override
  public long forwardFlops() {
    return plan.flops();
  }

  @Override
  public void close() {
    plan.close();
    backend.close();
    weights.close();
  }
}
