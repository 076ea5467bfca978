package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import kiln.bindings.Region;
import kiln.model.plan.TensorMemory;

/**
 * The memory that a pipeline's plans lie in, one over the other, since its phases run one after another: as much as the largest
 * of them needs. It is taken when the first plan is opened; what no plan has written yet takes no room.
 */
final class SharedRegion implements AutoCloseable {
  private final TensorMemory memory;
  private Region region; // null while nobody needs it
  private long bytes;

  SharedRegion(TensorMemory memory) {
    this.memory = memory;
  }

  /** Whether plans of up to {@code needed} bytes fit into what there is. */
  boolean holds(long needed) {
    return region == null || needed <= bytes;
  }

  /** Makes it at least so large. Unless it {@link #holds} that already, no plan may be open. */
  void reserve(long needed) {
    if (!holds(needed)) {
      close();
    }
    bytes = Math.max(bytes, needed);
  }

  /**
   * @throws OutOfMemoryError if the system does not give that much
   */
  MemorySegment segment() {
    if (region == null) {
      region = memory.allocate("plans", bytes);
    }
    return region.segment();
  }

  /** Gives the memory back until it is needed again. */
  @Override
  public void close() {
    if (region != null) {
      region.close();
      region = null;
    }
  }
}
