package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import kiln.bindings.NativeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CudaMemoryPoolTest {
  private static final long MIB = 1 << 20;

  private FakeCuda cuda;

  @BeforeEach
  void open() {
    cuda = new FakeCuda();
  }

  @AfterEach
  void close() {
    if (cuda != null) {
      cuda.close();
    }
  }

  @Test
  void shouldCountWhatRegionsHave() {
    try (DeviceRegion one = cuda.allocate(3 * MIB)) {
      cuda.allocate(2 * MIB).close();
      assertEquals(3 * MIB, one.byteSize());
      assertEquals(3 * MIB, cuda.pool.usedBytes());
      assertEquals(5 * MIB, cuda.pool.peakBytes());
      cuda.pool.resetPeak();
      assertEquals(3 * MIB, cuda.pool.peakBytes());
      cuda.pool.trim(0);
      assertEquals(3 * MIB, cuda.pool.reservedBytes());
      assertEquals(253 * MIB, cuda.context.memory().free());
    }
    assertEquals(0, cuda.pool.usedBytes());
  }

  @Test
  void shouldSayWhatThereIsNoRoomFor() {
    try (DeviceRegion used = cuda.allocate(200 * MIB)) {
      var e =
          assertThrows(
              DeviceOutOfMemoryException.class, () -> cuda.pool.allocate("the activations", 100 * MIB, cuda.stream));
      assertEquals(
          "the device has no room for the activations: wanted 104857600 bytes beside the 209715200 in use, found"
              + " 58720256 of 268435456 free",
          e.getMessage());
      assertEquals(100 * MIB, e.bytes());
      assertEquals(56 * MIB, e.free());
      assertEquals(256 * MIB, e.total());
      assertEquals(CudaConstants.CUDA_ERROR_OUT_OF_MEMORY, ((NativeException) e.getCause()).status());
      cuda.allocate(50 * MIB).close(); // the device works on
      assertEquals(200 * MIB, used.byteSize());
    }
  }

  @Test
  void shouldKeepToItsLimit() {
    try (CudaMemoryPool small = new CudaMemoryPool(cuda.context, MIB)) {
      small.allocate("fits", MIB, cuda.stream).close();
      assertThrows(DeviceOutOfMemoryException.class, () -> small.allocate("too much", MIB + 1, cuda.stream));
    }
  }

  @Test
  void shouldNotCloseRegionInFlight() {
    DeviceRegion region = cuda.pool.allocate("gradients", 16, cuda.stream);
    region.acquire();
    var e = assertThrows(IllegalStateException.class, region::close);
    assertEquals("region gradients still has 1 operations in flight", e.getMessage());
    region.release();
    region.close();
    assertThrows(NativeException.class, region::close);
  }

  @Test
  void shouldSliceOneRegionIntoMany() {
    try (DeviceRegion region = cuda.floats(1, 2, 3, 4)) {
      DeviceMemory middle = region.slice(4, 8);
      assertArrayEquals(new float[] {2, 3}, cuda.read(middle));
      assertArrayEquals(new float[] {3}, cuda.read(middle.slice(4, 4)));
      assertThrows(IndexOutOfBoundsException.class, () -> middle.slice(8, 4));
    }
  }
}
