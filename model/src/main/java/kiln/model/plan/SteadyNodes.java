package kiln.model.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.model.graph.Node;
import kiln.model.graph.Value;

/**
 * The nodes of a plan whose values change only when its steady inputs do (see {@link PlanBuilder#steady}).
 *
 * @param nodes these nodes
 * @param kept storage of those of their values that other nodes read, and that so must stay from run to run
 * @param read by each of them: inputs of the graph that no node reads after it, nor one that runs every time
 */
record SteadyNodes(Set<Node> nodes, Set<Value> kept, Map<Node, List<Value>> read) {
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
    Map<Value, Node> lastReaders = new LinkedHashMap<>();
    for (Node node : live) {
      if (nodes.contains(node)) {
        node.inputs().forEach(input -> lastReaders.put(Lifetimes.storage(input), node));
      }
    }
    for (Node node : live) {
      if (!nodes.contains(node)) {
        node.inputs().stream().map(Lifetimes::storage).forEach(storage -> {
          lastReaders.remove(storage);
          if (nodes.contains(storage.producer())) {
            kept.add(storage);
          }
        });
      }
    }
    Map<Node, List<Value>> read = new HashMap<>();
    lastReaders.forEach((value, node) -> {
      if (value.isInput()) {
        read.computeIfAbsent(node, n -> new ArrayList<>()).add(value);
      }
    });
    return new SteadyNodes(nodes, kept, read);
  }

  static SteadyNodes none() {
    return new SteadyNodes(Set.of(), Set.of(), Map.of());
  }

  /** The same nodes, these first: they read nothing that the others write. */
  List<Node> first(List<Node> live) {
    List<Node> ordered = new ArrayList<>(live.stream().filter(nodes::contains).toList());
    live.stream().filter(node -> !nodes.contains(node)).forEach(ordered::add);
    return ordered;
  }
}
