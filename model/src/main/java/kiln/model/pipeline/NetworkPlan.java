package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.model.graph.Graph;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.plan.PlanOutline;

/**
 * A network traced for one shape, and its plan from {@link #open} to {@link #close}: the plan's size can be asked before the
 * plan, or its weights, are in memory.
 */
final class NetworkPlan implements AutoCloseable {
  private final Graph graph;
  private final Backend backend;
  private final List<Value> outputs;
  private final List<Value> steady;
  private Plan plan; // null while closed

  /**
   * @param steady inputs that do not change with every run (see {@link PlanBuilder#steady})
   */
  NetworkPlan(Graph graph, Backend backend, List<Value> outputs, List<Value> steady) {
    this.graph = graph;
    this.backend = backend;
    this.outputs = List.copyOf(outputs);
    this.steady = List.copyOf(steady);
  }

  PlanSize size() {
    PlanOutline outline = builder().outline();
    return new PlanSize(outline.regionBytes(), outline.kept());
  }

  /**
   * Makes the plan, if it is not open.
   *
   * @param weights must stay as they are, and where they are, until it is closed
   * @param memory must not be given back before it is closed
   */
  void open(ParameterBinding weights, SharedRegion memory) {
    if (plan == null) {
      PlanBuilder builder = builder();
      weights.bind(graph, builder);
      plan = builder.build(memory.segment());
    }
    plan.steadyInputsChanged(); // other plans may have run in its memory
  }

  private PlanBuilder builder() {
    PlanBuilder builder = new PlanBuilder(graph, backend);
    outputs.forEach(builder::output);
    steady.forEach(builder::steady);
    graph.parameters().values().forEach(builder::constant);
    return builder;
  }

  /** The place of an input or an output. No input has kept its values when the plan is opened. */
  MemorySegment place(Value value) {
    return plan.buffer(value).segment();
  }

  void steadyInputsChanged() {
    plan.steadyInputsChanged();
  }

  void run() {
    plan.run();
  }

  @Override
  public void close() {
    if (plan != null) {
      plan.close();
      plan = null;
    }
  }
}
