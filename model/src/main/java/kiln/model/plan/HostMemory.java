package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import kiln.bindings.Region;

/** The memory of this process: launches have ended when they return, so there is nothing to wait for. */
final class HostMemory implements TensorMemory {
  @Override
  public boolean isHost() {
    return true;
  }

  @Override
  public boolean holds(MemorySegment segment) {
    return true;
  }

  @Override
  public Region allocate(String name, long bytes) {
    return Region.allocate(name, bytes);
  }

  @Override
  public void copy(MemorySegment from, MemorySegment to) {
    to.copyFrom(from);
  }

  @Override
  public void fill(MemorySegment place, byte value) {
    place.fill(value);
  }

  @Override
  public MemorySegment keep(MemorySegment constant) {
    return constant;
  }

  @Override
  public void release(MemorySegment constant) {}

  @Override
  public void synchronize() {}
}
