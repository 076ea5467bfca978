package kiln.model.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.plan.Residency;

/** The loss without gradients, for validation; with the weights of training or their average. */
public final class LossEvaluation implements AutoCloseable {
  private record Compiled(Plan plan, Objective.Traced traced) {}

  private final Objective objective;
  private final BoundParameters weights;
  private final Backend backend;
  private final Residency residency;
  private final Map<BatchShape, Compiled> compiled = new HashMap<>();

  /**
   * @param table of {@code objective.trained()}
   * @param weights their values, which must outlive this object
   */
  public LossEvaluation(Objective objective, ParameterTable table, MemorySegment weights, Backend backend) {
    this(objective, table, weights, backend, null);
  }

  /**
   * The same.
   *
   * @param residency brings the weights when they are used; null if they are always there
   */
  public LossEvaluation(
      Objective objective, ParameterTable table, MemorySegment weights, Backend backend, Residency residency) {
    this.residency = residency;
    this.objective = objective;
    this.weights = new BoundParameters(table, weights);
    this.backend = backend;
  }

  /**
   * The mean loss over a micro-batch.
   *
   * @param step random numbers depend on it and the sample ids: the same step gives the same noise and timesteps
   */
  public float run(long step, MicroBatch batch) {
    Compiled c = compiled.computeIfAbsent(batch.shape(), this::compile);
    c.traced.fill(c.plan, step, batch);
    c.plan.run();
    return c.plan.buffer(c.traced.loss()).segment().get(ValueLayout.JAVA_FLOAT, 0);
  }

  private Compiled compile(BatchShape shape) {
    Graph graph = new Graph();
    Objective.Traced traced = objective.trace(graph, shape);
    PlanBuilder builder = builder(objective, graph, traced, backend);
    weights.bind(graph, builder);
    objective.frozen().forEach(frozen -> frozen.bind(graph, builder));
    if (residency != null) {
      builder.resident(weights.table(), residency);
    }
    return new Compiled(builder.build(), traced);
  }

  private static PlanBuilder builder(Objective objective, Graph graph, Objective.Traced traced, Backend backend) {
    PlanBuilder builder = new PlanBuilder(graph, backend).output(traced.loss());
    Set<Parameter> trained = Set.copyOf(objective.trained());
    graph.parameters().forEach((parameter, value) -> {
      if (!trained.contains(parameter)) {
        builder.constant(value);
      }
    });
    return builder;
  }

  /** Bytes of the plan for micro-batches of {@code shape}, which is laid out and not made. */
  public static long planBytes(Objective objective, BatchShape shape, Backend backend) {
    Graph graph = new Graph();
    return builder(objective, graph, objective.trace(graph, shape), backend).measure();
  }

  @Override
  public void close() {
    compiled.values().forEach(c -> c.plan.close());
    compiled.clear();
  }
}
