package kiln.launcher.guard;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;

/**
 * Compares what ranks are about to read: a rank that sees another data set, or takes its samples in another order, would train on
 * batches that are not those of the others, and nobody would notice.
 */
public final class ScheduleCheck {
  private static final int INTS = Long.BYTES / Integer.BYTES;

  private ScheduleCheck() {}

  /**
   * Collective.
   *
   * @param hash of all that decides which samples a step has (see {@link kiln.data.queue.ScheduleHash})
   * @param data the data set's folder, for the message
   * @throws UserException on every rank if some have another hash, naming the ranks
   */
  public static void run(Communicator communicator, long hash, Object data) {
    int size = communicator.size();
    if (size == 1) {
      return;
    }
    try (Arena arena = Arena.ofShared()) {
      MemorySegment all = arena.allocate(JAVA_INT, (long) INTS * size);
      MemorySegment own = all.asSlice((long) Long.BYTES * communicator.rank(), Long.BYTES);
      own.setAtIndex(JAVA_INT, 0, (int) hash);
      own.setAtIndex(JAVA_INT, 1, (int) (hash >>> Integer.SIZE));
      communicator.allGather(own, all, (long) INTS * size, ElementType.I32);
      List<List<Integer>> groups = RankGroups.of(size, rank -> at(all, rank));
      if (groups.size() > 1) {
        throw new UserException(
            "option --data: " + data + " holds other samples, or gives them in another order, on " + RankGroups.describe(groups));
      }
    }
  }

  private static long at(MemorySegment all, int rank) {
    long low = Integer.toUnsignedLong(all.getAtIndex(JAVA_INT, (long) INTS * rank));
    return low | (long) all.getAtIndex(JAVA_INT, (long) INTS * rank + 1) << Integer.SIZE;
  }
}
