package kiln.model.autodiff;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.op.Fill;
import kiln.model.op.Op;
import kiln.model.op.Ops;

/**
 * Reverse-mode differentiation as a transformation of the graph: gradients are ordinary nodes, appended after the forward ones
 * in the order in which they can run.
 */
public final class Autodiff {
  private Autodiff() {}

  /**
   * Appends the gradient of {@code loss}, a scalar, with respect to each of {@code targets}.
   *
   * @return the gradients, of the targets' shapes; zeros where the loss does not depend on the target
   * @throws IllegalArgumentException if the loss is not a scalar
   * @throws IllegalStateException if it depends on a target through something that has no gradient rule
   */
  public static Map<Value, Value> gradients(Value loss, Collection<Value> targets) {
    return gradients(loss, targets, ForwardNodes.KEPT);
  }

  /** As {@link #gradients(Value, Collection)}; {@code forwardNodes} says what the backward pass reads of the forward pass. */
  public static Map<Value, Value> gradients(Value loss, Collection<Value> targets, ForwardNodes forwardNodes) {
    if (loss.shape().elements() != 1) {
      throw new IllegalArgumentException("expected a scalar loss, found " + loss);
    }
    Graph graph = loss.graph();
    List<Node> forward = new ArrayList<>(graph.nodes());
    boolean[] active = dependents(graph, targets);
    Map<Value, Value> gradients = new LinkedHashMap<>();
    gradients.put(loss, graph.apply(new Fill(loss.shape(), 1)));
    for (Node node : forward.reversed()) {
      boolean reached = node.outputs().stream().anyMatch(gradients::containsKey);
      if (reached && node.outputs().stream().anyMatch(v -> active[v.id()])) {
        Node read = forwardNodes.forBackward(node);
        graph.scoped(node.scope() + "'", () -> propagate(node, read, active, gradients));
      }
    }
    Map<Value, Value> result = new LinkedHashMap<>();
    for (Value target : targets) {
      Value gradient = gradients.get(target);
      Value zeros = gradient != null ? null : graph.apply(new Fill(target.shape(), 0));
      result.put(target, gradient != null ? gradient : Ops.cast(zeros, target.type().dtype()));
    }
    return result;
  }

  private static Void propagate(Node node, Node read, boolean[] active, Map<Value, Value> gradients) {
    List<Value> outputGradients = new ArrayList<>();
    for (Value output : node.outputs()) {
      Value gradient = gradients.get(output);
      if (gradient != null && output.outputIndex() > 0) {
        throw new IllegalStateException(node + " has a gradient rule for its first output only, but the loss uses " + output);
      }
      outputGradients.add(gradient);
    }
    List<Value> inputGradients = ((Op) node.op()).gradient(read, outputGradients);
    for (int i = 0; i < node.inputs().size(); i++) {
      Value gradient = inputGradients.get(i);
      if (gradient != null && active[node.input(i).id()]) {
        Value typed = Ops.cast(gradient, node.input(i).type().dtype()); // sums over broadcasts are float32
        gradients.merge(node.input(i), typed, Ops::add);
      }
    }
    return null;
  }

  /** For every value, whether it depends on a target. */
  private static boolean[] dependents(Graph graph, Collection<Value> targets) {
    boolean[] active = new boolean[graph.values().size()];
    targets.forEach(target -> active[target.id()] = true);
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(input -> active[input.id()])) {
        node.outputs().forEach(output -> active[output.id()] = true);
      }
    }
    return active;
  }
}
