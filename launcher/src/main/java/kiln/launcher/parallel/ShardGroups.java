package kiln.launcher.parallel;

import kiln.collectives.Communicator;

/**
 * The communicators of sharded training. Gradients and weights travel at the same time and in orders of their own, so they have
 * one each.
 *
 * <pre>
 *   ranks 0 … 5 in groups of 2:    | 0 1 | 2 3 | 4 5 |      a group divides what it keeps,
 *   replicas:                        0     2     4          ranks with the same share average it
 *                                      1     3     5
 * </pre>
 *
 * @param all of all ranks; not this object's
 * @param gradients of the group
 * @param weights of the group
 * @param replicas of the ranks that keep the same share; null if there is one group only
 */
record ShardGroups(Communicator all, Communicator gradients, Communicator weights, Communicator replicas)
    implements AutoCloseable {
  /**
   * Collective.
   *
   * @param link of all ranks, on which gradients travel
   * @param size of a group, a divisor of the number of ranks
   */
  static ShardGroups open(Communicator all, Communicator link, int size) {
    int group = all.rank() / size;
    Communicator gradients = link.split(group);
    Communicator weights = all.split(group);
    Communicator replicas = size == all.size() ? null : link.split(all.rank() % size);
    return new ShardGroups(all, gradients, weights, replicas);
  }

  @Override
  public void close() {
    gradients.close();
    weights.close();
    if (replicas != null) {
      replicas.close();
    }
  }
}
