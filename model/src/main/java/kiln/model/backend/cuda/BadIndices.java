package kiln.model.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.cuda.CudaMemoryPool;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceRegion;
import kiln.bindings.cuda.PinnedMemory;

/**
 * Places in device memory where kernels write the position of an index that they cannot use. Launches of which the same is said
 * share a place, so that plans may come and go.
 */
final class BadIndices implements AutoCloseable {
  private static final int PLACES_PER_BLOCK = 512;
  private static final long BLOCK_BYTES = (long) PLACES_PER_BLOCK * Long.BYTES;
  private static final byte ALL_BITS = (byte) 0xff;

  private final CudaMemoryPool pool;
  private final CudaStream stream;
  private final PinnedMemory found = PinnedMemory.allocate(BLOCK_BYTES);
  private final List<DeviceRegion> blocks = new ArrayList<>();
  private final Map<String, MemorySegment> places = new LinkedHashMap<>();
  private final List<String> expectations = new ArrayList<>(); // of the places, in their order

  BadIndices(CudaMemoryPool pool, CudaStream stream) {
    this.pool = pool;
    this.stream = stream;
  }

  /** See {@link kiln.bindings.DeviceKernels#badIndex}. */
  MemorySegment place(String expected) {
    return places.computeIfAbsent(expected, this::newPlace);
  }

  private MemorySegment newPlace(String expected) {
    int within = expectations.size() % PLACES_PER_BLOCK;
    if (within == 0) {
      DeviceRegion block = pool.allocate("positions of bad indices", BLOCK_BYTES, stream);
      blocks.add(block);
      stream.fill(block.memory(), ALL_BITS);
    }
    expectations.add(expected);
    return blocks.getLast().slice((long) within * Long.BYTES, Long.BYTES).segment();
  }

  /** See {@link kiln.bindings.DeviceKernels#checkIndices}. From then on nothing is known of bad indices before. */
  void check() {
    for (int block = 0; block < blocks.size(); block++) {
      stream.copyToHost(blocks.get(block).memory(), found.segment());
      stream.synchronize();
      for (int i = 0; i < PLACES_PER_BLOCK; i++) {
        long position = found.segment().getAtIndex(JAVA_LONG, i);
        if (position != -1) {
          blocks.forEach(each -> stream.fill(each.memory(), ALL_BITS));
          String expected = expectations.get(block * PLACES_PER_BLOCK + i);
          throw new IndexOutOfBoundsException(expected + ", found another at " + position);
        }
      }
    }
  }

  @Override
  public void close() {
    blocks.forEach(DeviceRegion::close);
    found.close();
  }
}
