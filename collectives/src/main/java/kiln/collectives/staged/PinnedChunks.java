package kiln.collectives.staged;

import java.lang.foreign.MemorySegment;
import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.PinnedMemory;

/** Pinned memory in which chunks of operations take turns, and how far the copies of each have come. Allocated once. */
final class PinnedChunks implements AutoCloseable {
  /** Enough for the copies of a PCI Express link to reach its bandwidth, little enough that the first is soon there. */
  static final long BYTES = 8 << 20;

  /** One is on its way from the device, one on its way between ranks, one on its way back, and one has just come there. */
  static final int NUMBER = 4;

  private final PinnedMemory memory = PinnedMemory.allocate(NUMBER * BYTES);
  private final CudaEvent[] loaded = new CudaEvent[NUMBER];
  private final CudaEvent[] stored = new CudaEvent[NUMBER];

  /** The context is current. */
  PinnedChunks() {
    for (int i = 0; i < NUMBER; i++) {
      loaded[i] = CudaEvent.forOrder();
      stored[i] = CudaEvent.forOrder();
    }
  }

  /** Where a chunk lies while it is here. */
  MemorySegment place(long chunk) {
    return memory.segment().asSlice(chunk % NUMBER * BYTES, BYTES);
  }

  /** When a chunk has come from the device. */
  CudaEvent loaded(long chunk) {
    return loaded[(int) (chunk % NUMBER)];
  }

  /** When a chunk is back on the device, and its place free. */
  CudaEvent stored(long chunk) {
    return stored[(int) (chunk % NUMBER)];
  }

  @Override
  public void close() {
    for (int i = 0; i < NUMBER; i++) {
      loaded[i].close();
      stored[i].close();
    }
    memory.close();
  }
}
