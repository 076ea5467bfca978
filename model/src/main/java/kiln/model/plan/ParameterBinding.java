package kiln.model.plan;

import kiln.model.graph.Graph;

/** The values of some parameters, wherever they lie: in a region of the caller's, or in the pages of a weight file. */
@FunctionalInterface
public interface ParameterBinding {
  /** Binds those of {@code graph}'s parameters that it has to their values; they must outlive the plan. */
  void bind(Graph graph, PlanBuilder builder);
}
