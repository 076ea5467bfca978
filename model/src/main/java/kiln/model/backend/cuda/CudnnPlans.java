package kiln.model.backend.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
  /** Takes one of several plans for a graph. */
  interface Chooser {
    CudnnPlan choose(CudnnGraph graph, List<CudnnPlan> plans);
  }

  private final CudnnTarget target;
  private final Map<Object, Optional<CudnnPlan>> plans = new HashMap<>();
  private final List<CudnnGraph> graphs = new ArrayList<>();

  /**
   * @param target outlives this
   */
  CudnnPlans(CudnnTarget target) {
    this.target = target;
  }

  /**
   * One of the plans that are best by cuDNN's estimate, empty if it has none.
   *
   * @param what all that the graph depends on, with equals
   * @param maxWorkspace bytes of scratch memory that the plan may need; the same for equal {@code what}
   * @param limit how many to choose from at most
   * @param chooser takes one of them
   */
  Optional<CudnnPlan> plan(
      Object what, Supplier<CudnnGraph> graph, CudnnNumerics numerics, long maxWorkspace, int limit, Chooser chooser) {
    Optional<CudnnPlan> known = plans.get(what);
    if (known != null) {
      return known;
    }
    CudnnGraph made = graph.get();
    Optional<CudnnPlan> plan;
    try {
      List<CudnnPlan> found = CudnnPlan.list(made, target, numerics, maxWorkspace, limit);
      plan = found.isEmpty() ? Optional.empty() : Optional.of(chooser.choose(made, found));
    } catch (RuntimeException failure) {
      made.close();
      throw failure;
    }
    graphs.add(made);
    plans.put(what, plan);
    return plan;
  }

  @Override
  public void close() {
    graphs.forEach(CudnnGraph::close);
  }
}
