package kiln.bindings;

import java.lang.foreign.MemorySegment;

/** Memory that a library other than those bound here owns. */
public final class ForeignMemory {
  private ForeignMemory() {}

  /**
   * A view of it, without any check: the caller knows that so many bytes are there, and uses the view only as long as the
   * owner keeps them.
   */
  public static MemorySegment at(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }
}
