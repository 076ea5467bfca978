package kiln.model.backend.cuda;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import kiln.bindings.cuda.CudnnGraph;
import kiln.bindings.cuda.CudnnNumerics;
import kiln.bindings.cuda.CudnnPlan;
import kiln.bindings.cuda.CudnnTarget;

/**
 * cuDNN's plans, each made once: making one can take a second, and a network has many equal operations. All of them give the same
 * bits at every execution.
 */
final class CudnnPlans implements AutoCloseable {
  private final CudnnTarget target;
  private final Map<Object, Optional<CudnnPlan>> plans = new HashMap<>();
  private final Map<Object, CudnnGraph> graphs = new HashMap<>();

  /**
   * @param target outlives this
   */
  CudnnPlans(CudnnTarget target) {
    this.target = target;
  }

  /**
   * The best plan by cuDNN's estimate, empty if it has none.
   *
   * @param what all that the graph depends on, with equals
   * @param maxWorkspace bytes of scratch memory that the plan may need; the same for equal {@code what}
   */
  Optional<CudnnPlan> plan(Object what, Supplier<CudnnGraph> graph, CudnnNumerics numerics, long maxWorkspace) {
    Optional<CudnnPlan> known = plans.get(what);
    if (known != null) {
      return known;
    }
    CudnnGraph made = graph.get();
    graphs.put(what, made);
    Optional<CudnnPlan> plan = CudnnPlan.best(made, target, numerics, maxWorkspace);
    plans.put(what, plan);
    return plan;
  }

  @Override
  public void close() {
    graphs.values().forEach(CudnnGraph::close);
  }
}
