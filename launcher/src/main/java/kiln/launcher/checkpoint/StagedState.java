package kiln.launcher.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.Region;
import kiln.launcher.parallel.ShardPlan;
import kiln.model.plan.Slices;
import kiln.model.plan.Slices.Slice;
import kiln.model.train.StatePart;
import kiln.model.train.TrainingState;

/**
 * A copy of what a rank writes to a checkpoint, so that training goes on while it is written. It lies at the offsets of the
 * regions that it is copied from; what lies between takes no memory.
 */
final class StagedState implements AutoCloseable {
  private static final long PIECE = 16 << 20;

  private final Map<StatePart, Slices> slices = new EnumMap<>(StatePart.class);
  private final Map<StatePart, Region> regions = new EnumMap<>(StatePart.class);

  /**
   * @param parts that are copied
   */
  StagedState(ShardPlan plan, int rank, List<StatePart> parts) {
    for (StatePart part : parts) {
      slices.put(part, plan.slices(part, rank));
      regions.put(part, Region.sparse("copy of " + part + " for checkpoints", plan.table().bytes()));
    }
  }

  /** Has the system bring the memory now, which would make the first copy slow. */
  void touch() {
    slices.forEach((part, of) -> of.parts().forEach(slice -> slice.of(regions.get(part).segment()).fill((byte) 0)));
  }

  void copy(TrainingState state) {
    slices.forEach((part, of) -> {
      MemorySegment from = state.region(part).segment();
      MemorySegment to = regions.get(part).segment();
      for (Slice slice : of.parts()) {
        for (long at = 0; at < slice.bytes(); at += PIECE) {
          long offset = slice.offset() + at;
          long bytes = Math.min(PIECE, slice.bytes() - at);
          state.memory().copy(from.asSlice(offset, bytes), to.asSlice(offset, bytes));
        }
      }
    });
  }

  /** The copy of that part, as large as the region that it was copied from. */
  MemorySegment segment(StatePart part) {
    return regions.get(part).segment();
  }

  @Override
  public void close() {
    regions.values().forEach(Region::close);
  }
}
