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
 * @param narrow the same numbers in bfloat16, which somebody keeps in step; {@link MemorySegment#NULL} if there are none
 */
public record BoundParameters(ParameterTable table, MemorySegment values, MemorySegment narrow) implements ParameterBinding {
  /** Without a copy in bfloat16. */
  public BoundParameters(ParameterTable table, MemorySegment values) {
    this(table, values, MemorySegment.NULL);
  }

  @Override
  public void bind(Graph graph, PlanBuilder builder) {
    graph.parameters().forEach((parameter, value) -> {
      ParameterTable.Entry entry = table.entry(parameter.name());
      if (entry != null && entry.parameter() == parameter) {
        builder.bind(value, entry.slice(values));
        if (narrow.address() != 0) {
          builder.narrow(value, entry.narrowSlice(narrow));
        }
      }
    });
  }
}
