package kiln.launcher.transport;

import java.util.List;

/** What carries gradients from rank to rank. */
public enum TransportKind {
  /** The fastest that reaches all ranks. */
  AUTO,
  /** Memory that the ranks of one machine share. */
  LOCAL,
  /** Open MPI. */
  MPI,
  /** Memory inside each machine, Open MPI across machines. */
  HIERARCHICAL,
  /** NCCL from GPU to GPU, one for each rank; what is in the host's memory goes as one of the others. */
  NCCL;

  /**
   * What {@link #AUTO} stands for where memory of this process is to be carried. Inside a machine memory is faster than Open MPI (bench collectives shows both); across
   * machines two levels only help where some have several ranks.
   *
   * @param nodes ranks of each machine
   */
  public TransportKind resolve(List<List<Integer>> nodes) {
    if (this != AUTO) {
      return this;
    }
    if (nodes.size() == 1) {
      return LOCAL;
    }
    return nodes.stream().allMatch(node -> node.size() == 1) ? MPI : HIERARCHICAL;
  }
}
