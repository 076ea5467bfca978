package kiln.launcher.guard;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.zip.CRC32C;
import kiln.bindings.Region;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.TensorMemory;

/**
 * Compares the weights of all ranks, which must be the same bits: a faulty memory, a rank that read another file, or a
 * mistake in what joins gradients shows here, not in a loss that nobody understands. Every parameter has a checksum
 * (CRC-32C, RFC 3720, which processors compute at the speed of memory).
 */
public final class WeightCheck implements AutoCloseable {
  private static final long MOST_AT_ONCE = 1 << 30; // what a byte buffer can hold, and more

  private final int every;
  private final Communicator communicator;
  private final ParameterTable table;
  private final TensorMemory memory;
  private final MemorySegment weights;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment checksums; // int32 [ranks, parameters]
  private final CRC32C crc = new CRC32C();

  /**
   * @param every steps; 0 for never
   * @param memory where they lie
   * @param weights laid out by {@code table}, to be the same on all ranks
   */
  public WeightCheck(
      int every, Communicator communicator, ParameterTable table, TensorMemory memory, MemorySegment weights) {
    this.every = every;
    this.communicator = communicator;
    this.table = table;
    this.memory = memory;
    this.weights = weights;
    this.checksums = arena.allocate(JAVA_INT, (long) communicator.size() * table.entries().size());
  }

  /**
   * Collective: compares if it is time to, or if the weights are about to be saved.
   *
   * @param step after which this is; 0 before the first one, when it is always time
   * @throws UserException on every rank if some weights differ, naming the first parameter and the ranks
   */
  public void run(long step, boolean saves) {
    if (every > 0 && communicator.size() > 1 && (saves || step % every == 0)) {
      compare(step);
    }
  }

  private void compare(long step) {
    List<ParameterTable.Entry> entries = table.entries();
    int size = communicator.size();
    int numParameters = entries.size();
    long own = (long) communicator.rank() * numParameters;
    for (int i = 0; i < numParameters; i++) {
      checksums.setAtIndex(JAVA_INT, own + i, checksum(entries.get(i).slice(weights)));
    }
    MemorySegment mine = checksums.asSlice(own * Integer.BYTES, (long) numParameters * Integer.BYTES);
    communicator.allGather(mine, checksums, (long) size * numParameters, ElementType.I32);
    for (int i = 0; i < numParameters; i++) {
      int parameter = i;
      List<List<Integer>> groups = RankGroups.of(size, rank -> at(rank, parameter, numParameters));
      if (groups.size() > 1) {
        String alike = RankGroups.describe(groups);
        String when = step == 0 ? "before the first step" : "after step " + step;
        throw new UserException(
            "weights are not the same on all ranks " + when + ": the first is " + entries.get(i).parameter().name()
                + ", which has other bits on " + alike + "; go on from an earlier checkpoint");
      }
    }
  }

  private int at(int rank, int parameter, int numParameters) {
    return checksums.getAtIndex(JAVA_INT, (long) rank * numParameters + parameter);
  }

  private int checksum(MemorySegment parameter) {
    if (memory.isHost()) {
      return checksumHere(parameter);
    }
    try (Region here = Region.allocate("weights to be compared", parameter.byteSize())) {
      memory.copy(parameter, here.segment());
      return checksumHere(here.segment());
    }
  }

  private int checksumHere(MemorySegment parameter) {
    crc.reset();
    for (long offset = 0; offset < parameter.byteSize(); offset += MOST_AT_ONCE) {
      crc.update(parameter.asSlice(offset, Math.min(MOST_AT_ONCE, parameter.byteSize() - offset)).asByteBuffer());
    }
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    arena.close();
  }
}
