package kiln.model.backend.cuda;

import java.lang.foreign.MemorySegment;
import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.PinnedMemory;

/** Two pieces of pinned memory, by turns the processor's and the device's, that large copies go through. */
final class PinnedPieces implements AutoCloseable {
  private static final int COUNT = 2;

  private final CudaStream stream;
  private final long size;
  private final PinnedMemory[] pieces = new PinnedMemory[COUNT]; // taken at the first copy
  private final CudaEvent[] done = new CudaEvent[COUNT];

  PinnedPieces(CudaStream stream, long size) {
    this.stream = stream;
    this.size = size;
  }

  private void open() {
    for (int i = 0; i < COUNT && pieces[i] == null; i++) {
      pieces[i] = PinnedMemory.allocate(size);
      done[i] = CudaEvent.forOrder();
      done[i].record(stream);
    }
  }

  /** Returns when {@code from} has been read; the last copies may still be queued. */
  void toDevice(MemorySegment from, DeviceMemory to) {
    open();
    int turn = 0;
    for (long at = 0; at < from.byteSize(); at += size, turn = 1 - turn) {
      long bytes = Math.min(size, from.byteSize() - at);
      MemorySegment piece = pieces[turn].segment().asSlice(0, bytes);
      done[turn].synchronize();
      piece.copyFrom(from.asSlice(at, bytes));
      stream.copyToDevice(piece, to.slice(at, bytes));
      done[turn].record(stream);
    }
  }

  /** Returns when {@code to} has been written. */
  void toHost(DeviceMemory from, MemorySegment to) {
    open();
    long queued = 0;
    int turn = 0;
    for (long at = 0; at < from.byteSize(); at += size, turn = 1 - turn) {
      for (; queued < Math.min(from.byteSize(), at + COUNT * size); queued += size) {
        int of = (int) (queued / size % COUNT);
        long bytes = Math.min(size, from.byteSize() - queued);
        stream.copyToHost(from.slice(queued, bytes), pieces[of].segment().asSlice(0, bytes));
        done[of].record(stream);
      }
      done[turn].synchronize();
      long bytes = Math.min(size, from.byteSize() - at);
      to.asSlice(at, bytes).copyFrom(pieces[turn].segment().asSlice(0, bytes));
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < COUNT && pieces[i] != null; i++) {
      done[i].synchronize();
      done[i].close();
      pieces[i].close();
    }
  }
}
