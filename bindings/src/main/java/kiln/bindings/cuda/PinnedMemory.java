package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static kiln.bindings.cuda.CudaConstants.CU_MEMHOSTALLOC_PORTABLE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Host memory that the device copies from and to by itself, because the system does not move it. Whoever opens it closes it. */
public final class PinnedMemory implements AutoCloseable {
  private final MemorySegment segment;
  private final boolean owned;

  private PinnedMemory(MemorySegment segment, boolean owned) {
    this.segment = segment;
    this.owned = owned;
  }

  /** New memory; what is in it at first is not known. */
  public static PinnedMemory allocate(long bytes) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(ADDRESS);
      CudaFunctions.MEM_HOST_ALLOC.call(result, bytes, CU_MEMHOSTALLOC_PORTABLE);
      return new PinnedMemory(result.get(ADDRESS, 0).reinterpret(bytes), true);
    }
  }

  /** Pins memory that is there, until this is closed. The memory must outlive it. */
  public static PinnedMemory pin(MemorySegment memory) {
    CudaFunctions.MEM_HOST_REGISTER_V2.call(memory, memory.byteSize(), CU_MEMHOSTALLOC_PORTABLE);
    return new PinnedMemory(memory, false);
  }

  /** The memory, not to be used after {@link #close} if it was allocated here. */
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    if (owned) {
      CudaFunctions.MEM_FREE_HOST.call(MemorySegment.ofAddress(segment.address()));
    } else {
      CudaFunctions.MEM_HOST_UNREGISTER.call(segment);
    }
  }
}
