package kiln.model.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import kiln.bindings.Region;
import kiln.bindings.cuda.CudaMemoryPool;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.DeviceRegion;
import kiln.bindings.cuda.PinnedMemory;
import kiln.model.plan.TensorMemory;

/**
 * A device's memory. Everything here happens in the order of the stream in which launches are queued. Copies from and to memory
 * of this process go through two pinned pieces, one of which the device works on while the processor works on the other.
 */
final class CudaMemory implements TensorMemory, AutoCloseable {
  private static final long PIECE = 16 << 20;

  private record Kept(Region region, int users) {}

  private record Place(long address, long bytes) {}

  private final CudaMemoryPool pool;
  private final CudaStream stream;
  private final PinnedPieces pieces;
  private final Map<Place, Kept> constants = new HashMap<>();

  CudaMemory(CudaMemoryPool pool, CudaStream stream) {
    this.pool = pool;
    this.stream = stream;
    this.pieces = new PinnedPieces(stream, PIECE);
  }

  @Override
  public boolean isHost() {
    return false;
  }

  @Override
  public boolean holds(MemorySegment segment) {
    return DeviceMemory.isDevice(segment);
  }

  @Override
  public Region allocate(String name, long bytes) {
    DeviceRegion region = pool.allocate(name, Math.max(1, bytes), stream);
    stream.fill(region.memory(), (byte) 0);
    return Region.of(name, region.slice(0, bytes).segment(), region::close);
  }

  /** Memory of this process that the device copies from and to by itself. */
  static Region pinned(String name, long bytes) {
    PinnedMemory memory = PinnedMemory.allocate(Math.max(1, bytes));
    return Region.of(name, memory.segment().asSlice(0, bytes), memory::close);
  }

  @Override
  public void copy(MemorySegment from, MemorySegment to) {
    if (from.byteSize() != to.byteSize()) {
      throw new IllegalArgumentException("from=" + from.byteSize() + " bytes, to=" + to.byteSize() + " bytes, expected as many");
    }
    boolean fromDevice = holds(from);
    boolean toDevice = holds(to);
    if (fromDevice && toDevice) {
      stream.copy(DeviceMemory.of(from), DeviceMemory.of(to));
    } else if (toDevice) {
      pieces.toDevice(from, DeviceMemory.of(to));
    } else if (fromDevice) {
      pieces.toHost(DeviceMemory.of(from), to);
    } else {
      to.copyFrom(from);
    }
    stream.synchronize();
  }

  @Override
  public void fill(MemorySegment place, byte value) {
    if (place.byteSize() > 0) {
      stream.fill(DeviceMemory.of(place), value);
    }
  }

  @Override
  public MemorySegment keep(MemorySegment constant) {
    Place place = new Place(constant.address(), constant.byteSize());
    Kept kept = constants.get(place);
    if (kept == null) {
      Region region = allocate("constants", constant.byteSize());
      copy(constant, region.segment());
      kept = new Kept(region, 0);
    }
    constants.put(place, new Kept(kept.region, kept.users + 1));
    return kept.region.segment();
  }

  @Override
  public void release(MemorySegment constant) {
    Place place = new Place(constant.address(), constant.byteSize());
    Kept kept = constants.get(place);
    if (kept.users > 1) {
      constants.put(place, new Kept(kept.region, kept.users - 1));
    } else {
      constants.remove(place);
      kept.region.close();
    }
  }

  @Override
  public void synchronize() {
    stream.synchronize();
  }

  /** Constants of plans that were not closed go with the pool. */
  @Override
  public void close() {
    pieces.close();
  }
}
