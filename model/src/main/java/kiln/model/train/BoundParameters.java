package kiln.model.train;

import java.lang.foreign.MemorySegment;
import kiln.model.graph.Graph;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.PlanBuilder;

/**
 * Parameters and where their values lie.
 *
 * @param values float32 region laid out by the table
 */
public record BoundParameters(ParameterTable table, MemorySegment values) implements ParameterBinding {
  @Override
  public void bind(Graph graph, PlanBuilder builder) {
    graph.parameters().forEach((parameter, value) -> {
      ParameterTable.Entry entry = table.entry(parameter.name());
      if (entry != null && entry.parameter() == parameter) {
        builder.bind(value, entry.slice(values));
      }
    });
  }
}
