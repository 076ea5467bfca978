package kiln.model.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kiln.model.graph.Node;
import kiln.model.graph.Value;

/**
 * The nodes of a plan whose values change only when its steady inputs do (see {@link PlanBuilder#steady}), and those of their
 * values that other nodes read: these stay from run to run.
 *
 * @param nodes in the order of the plan
 * @param kept storage of values
 */
record SteadyNodes(Set<Node> nodes, Set<Value> kept) {
  /**
   * @param live the nodes that run, in order
   * @param unchanging steady inputs and constants
   */
  static SteadyNodes of(List<Node> live, Set<Value> unchanging) {
    Set<Value> known = new HashSet<>(unchanging);
    Set<Node> nodes = new HashSet<>();
    for (Node node : live) {
      if (known.containsAll(node.inputs())) {
        nodes.add(node);
        known.addAll(node.outputs());
      }
    }
    Set<Value> kept = new HashSet<>();
    for (Node node : live) {
      if (!nodes.contains(node)) {
        node.inputs().stream().filter(input -> nodes.contains(input.producer())).map(Lifetimes::storage).forEach(kept::add);
      }
    }
    return new SteadyNodes(nodes, kept);
  }

  static SteadyNodes none() {
    return new SteadyNodes(Set.of(), Set.of());
  }

  /** The same nodes, these first: they read nothing that the others write. */
  List<Node> first(List<Node> live) {
    List<Node> ordered = new ArrayList<>(live.stream().filter(nodes::contains).toList());
    live.stream().filter(node -> !nodes.contains(node)).forEach(ordered::add);
    return ordered;
  }
}
