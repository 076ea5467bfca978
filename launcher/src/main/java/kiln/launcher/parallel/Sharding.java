package kiln.launcher.parallel;

import kiln.bindings.UserException;

/**
 * What the user wants ranks to divide.
 *
 * @param mode what is divided
 * @param group ranks among which it is divided, {@link #ALL} of them or those of a {@link #NODE}; groups keep the same
 */
public record Sharding(ShardMode mode, int group) {
  /** Among all ranks. */
  public static final int ALL = 0;

  /** Among the ranks of a machine. */
  public static final int NODE = -1;

  /** Nothing is divided. */
  public static final Sharding NONE = new Sharding(ShardMode.NONE, ALL);

  /**
   * Ranks of a group: one if nothing is divided.
   *
   * @param size number of ranks
   * @param localRank this rank's place among those of its machine; negative if that is not known
   * @param localSize ranks of its machine; negative if that is not known
   * @throws UserException if ranks do not form groups of equal size
   */
  public int groupSize(int rank, int size, int localRank, int localSize) {
    if (mode == ShardMode.NONE) {
      return 1;
    }
    int ranks = group == ALL ? size : group == NODE ? localSize : group;
    if (ranks < 1) {
      throw new UserException("option --shard-group: node: nothing says how many ranks this machine has; give a number");
    }
    if (size % ranks != 0) {
      String found = group == NODE ? "node with " + ranks + " ranks" : "" + ranks;
      throw new UserException("option --shard-group: expected a divisor of the " + size + " ranks, found " + found);
    }
    if (group == NODE && localRank != rank % ranks) {
      String found = "rank " + rank + " is number " + localRank + " of its machine";
      throw new UserException("option --shard-group: node: expected ranks numbered machine by machine, found that " + found);
    }
    return ranks;
  }
}
