package kiln.bench.kernel;

import java.util.function.Supplier;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/** A plan of one operation. */
final class PlannedKernel implements Kernel {
  private final Backend backend;
  private final Plan plan;

  PlannedKernel(KernelShape shape, Supplier<Backend> with) {
    backend = with.get();
    Graph graph = new Graph();
    PlanBuilder builder = new PlanBuilder(graph, backend);
    shape.trace(graph).forEach(builder::output);
    plan = builder.build();
    for (Value value : graph.values()) {
      if (value.isInput()) {
        Values.fill(plan.buffer(value).segment(), value.type().dtype() == DType.BF16);
      }
    }
  }

  @Override
  public void run() {
    plan.run();
  }

  @Override
  public void close() {
    plan.close();
    backend.close();
  }
}
