package kiln.launcher.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All ranks of a job, by rank, and with it which of them share a machine. Nodes are numbered in the order of their lowest
 * ranks.
 */
public record RankTable(List<RankInfo> ranks) {
  public RankTable {
    ranks = List.copyOf(ranks);
    for (int rank = 0; rank < ranks.size(); rank++) {
      if (ranks.get(rank).rank() != rank) {
        throw new IllegalArgumentException("place " + rank + " has " + ranks.get(rank));
      }
    }
  }

  public int size() {
    return ranks.size();
  }

  public RankInfo get(int rank) {
    return ranks.get(rank);
  }

  /** The ranks of each node, ascending. */
  public List<List<Integer>> nodes() {
    Map<String, List<Integer>> byHost = new LinkedHashMap<>();
    ranks.forEach(r -> byHost.computeIfAbsent(r.host(), _ -> new ArrayList<>()).add(r.rank()));
    return List.copyOf(byHost.values());
  }

  /** Number of the node on which {@code rank} runs. */
  public int node(int rank) {
    List<List<Integer>> nodes = nodes();
    for (int node = 0; node < nodes.size(); node++) {
      if (nodes.get(node).contains(rank)) {
        return node;
      }
    }
    throw new IllegalArgumentException("rank " + rank + " of " + size());
  }

  /** Place of {@code rank} among those of its node. */
  public int localRank(int rank) {
    return nodes().get(node(rank)).indexOf(rank);
  }
}
