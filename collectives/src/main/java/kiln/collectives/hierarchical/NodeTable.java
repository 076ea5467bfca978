package kiln.collectives.hierarchical;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which ranks are on which node. Nodes are counted in the order of their first ranks; a node's ranks need not be neighbours.
 *
 * @param members the ranks of each node, ascending
 */
record NodeTable(List<List<Integer>> members) {
  /**
   * @param nodes of every rank, by any numbers
   */
  static NodeTable of(int[] nodes) {
    Map<Integer, List<Integer>> members = new LinkedHashMap<>();
    for (int rank = 0; rank < nodes.length; rank++) {
      members.computeIfAbsent(nodes[rank], _ -> new ArrayList<>()).add(rank);
    }
    return new NodeTable(members.values().stream().map(List::copyOf).toList());
  }

  int numNodes() {
    return members.size();
  }

  /** Node of a rank. */
  int node(int rank) {
    int node = 0;
    while (!members.get(node).contains(rank)) {
      node++;
    }
    return node;
  }

  /** A rank's place in its node. */
  int localRank(int rank) {
    return members.get(node(rank)).indexOf(rank);
  }

  /** The ranks that have a place in their nodes, ascending, as the communicator across nodes counts them. */
  List<Integer> across(int localRank) {
    return members.stream().filter(m -> m.size() > localRank).map(m -> m.get(localRank)).sorted().toList();
  }

  int smallestNode() {
    return members.stream().mapToInt(List::size).min().orElseThrow();
  }

  /** Whether all nodes have as many ranks. */
  boolean isEven() {
    return members.stream().mapToInt(List::size).distinct().count() == 1;
  }

  /** Whether the ranks of a node follow each other. */
  boolean isContiguous(int node) {
    List<Integer> ranks = members.get(node);
    return ranks.getLast() - ranks.getFirst() == ranks.size() - 1;
  }

  @Override
  public String toString() {
    return Arrays.toString(members.toArray());
  }
}
