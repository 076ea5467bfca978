package kiln.model.plan;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Value;

/**
 * What a plan launches and holds.
 *
 * @param nodes that it computes, in order
 * @param launches in order; reshapes have none, and what a plan adds (copies, sums) has more
 * @param stays of what lies in the region
 * @param regionBytes bytes of the region, in which tensors and scratch memory lie
 * @param kept bytes that kernels keep besides the region, such as rearranged constants
 */
public record PlanOutline(List<Node> nodes, List<LaunchInfo> launches, List<Stay> stays, long regionBytes, long kept) {
  /**
   * The stay of a tensor in the region.
   *
   * @param value the tensor, or the first of those that share its place: views, and what is written over it; null for scratch
   *     memory of a kernel
   * @param bytes with padding
   * @param first position in {@link #nodes} from which on it is there; 0 for inputs
   * @param last position up to which, inclusive; the number of nodes for what outlives the run
   */
  public record Stay(Value value, long bytes, int first, int last) {
    public boolean covers(int position) {
      return first <= position && position <= last;
    }
  }

  public PlanOutline {
    nodes = List.copyOf(nodes);
    launches = List.copyOf(launches);
    stays = List.copyOf(stays);
  }

  /** Bytes of the region and of what kernels keep besides. */
  public long bytes() {
    return regionBytes + kept;
  }

  public long flops() {
    return launches.stream().mapToLong(LaunchInfo::flops).sum();
  }

  /** The position at which most bytes are needed at once. */
  public int fullest() {
    long[] change = new long[nodes.size() + 2];
    for (Stay stay : stays) {
      change[stay.first] += stay.bytes;
      change[stay.last + 1] -= stay.bytes;
    }
    int fullest = 0;
    long most = 0;
    long now = 0;
    for (int i = 0; i <= nodes.size(); i++) {
      now += change[i];
      if (now > most) {
        most = now;
        fullest = i;
      }
    }
    return fullest;
  }
}
