package kiln.model.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.model.autodiff.Autodiff;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.op.Ops;
import kiln.model.pass.Remat;
import kiln.model.pass.Rematerializer;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.PlanBuilder;
import kiln.model.plan.PlanOutline;

/**
 * Forward and backward of a micro-batch, traced.
 *
 * @param loss of the micro-batch, divided by the number of micro-batches of a step
 * @param gradients of the trained parameters that the loss reads
 * @param compute what the networks compute in
 */
public record TrainingGraph(
    Graph graph, Objective.Traced traced, Value loss, Map<Parameter, Value> gradients, DType compute) {
  /**
   * @param numMicroBatches over whose losses the step takes the mean
   */
  public static TrainingGraph trace(Objective objective, BatchShape shape, int numMicroBatches) {
    return trace(objective, shape, numMicroBatches, Remat.NONE);
  }

  /** As {@link #trace(Objective, BatchShape, int)}; {@code remat} says how much of the forward pass is computed once more. */
  public static TrainingGraph trace(Objective objective, BatchShape shape, int numMicroBatches, Remat remat) {
    Graph graph = new Graph();
    Objective.Traced traced = objective.trace(graph, shape);
    Value loss = Ops.scale(traced.loss(), 1f / numMicroBatches);
    List<Parameter> used = objective.trained().stream().filter(graph.parameters()::containsKey).toList();
    List<Value> targets = used.stream().map(graph::parameter).toList();
    Map<Value, Value> found = Autodiff.gradients(loss, targets, Rematerializer.of(loss, remat));
    Map<Parameter, Value> gradients = new LinkedHashMap<>();
    used.forEach(parameter -> gradients.put(parameter, found.get(graph.parameter(parameter))));
    return new TrainingGraph(graph, traced, loss, gradients, objective.compute());
  }

  /** Of a plan that keeps the loss, and knows which parameters are frozen. */
  PlanBuilder builder(Backend backend) {
    PlanBuilder builder = new PlanBuilder(graph, backend).output(loss);
    graph.parameters().forEach((parameter, value) -> {
      if (!gradients.containsKey(parameter)) {
        builder.constant(value);
      }
    });
    return builder;
  }

  /**
   * What the plan of a step with {@code numMicroBatches} micro-batches launches and holds; parameters and their gradients lie
   * elsewhere, as does a bfloat16 copy of trained parameters if the networks compute in that. Nothing is allocated.
   */
  public PlanOutline outline(Backend backend, int numMicroBatches) {
    return outline(backend, numMicroBatches, compute == DType.BF16);
  }

  /** As {@link #outline(Backend, int)}; {@code narrowed} says whether there is a bfloat16 copy of trained parameters. */
  public PlanOutline outline(Backend backend, int numMicroBatches, boolean narrowed) {
    return outline(backend, numMicroBatches, narrowed, null, StepDivision.NONE);
  }

  /**
   * As {@link #outline(Backend, int, boolean)}, for a state of which others keep a part.
   *
   * @param table of the trained parameters; null if nothing brings weights
   */
  public PlanOutline outline(
      Backend backend, int numMicroBatches, boolean narrowed, ParameterTable table, StepDivision division) {
    PlanBuilder builder = builder(backend);
    if (division.weights() != null) {
      builder.resident(table, division.weights());
    }
    gradients.forEach((parameter, gradient) -> {
      if (narrowed) {
        builder.narrow(graph.parameter(parameter));
      }
      if (numMicroBatches == 1 || division.separately()) {
        builder.bind(gradient);
      } else {
        builder.accumulate(gradient);
      }
      builder.after(gradient, () -> {});
    });
    return builder.outline();
  }
}
