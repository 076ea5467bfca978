package kiln.model.pipeline;

import kiln.model.graph.Graph;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/** The traced graph of a phase with its outputs: the plan's size can be asked before the plan, or its weights, are in memory. */
record PhaseGraph(Graph graph, Backend backend, Value... outputs) {
  /** Bytes of the plan's region. */
  long planBytes() {
    return builder().measure();
  }

  Plan plan(ParameterBinding weights) {
    PlanBuilder builder = builder();
    weights.bind(graph, builder);
    return builder.build();
  }

  private PlanBuilder builder() {
    PlanBuilder builder = new PlanBuilder(graph, backend);
    for (Value output : outputs) {
      builder.output(output);
    }
    graph.parameters().values().forEach(builder::constant);
    return builder;
  }
}
