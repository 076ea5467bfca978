package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletableFuture;
import kiln.bindings.NativeException;
import kiln.bindings.UserException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CudaDriverTest {
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
  void shouldDescribeDevices() {
    CudaDevice device = CudaDevice.of(0);
    assertEquals(List.of(device), CudaDriver.devices());
    assertEquals("Kiln test device", device.name());
    assertEquals("sm_90", device.architecture());
    assertEquals(256L << 20, device.memoryBytes());
    assertEquals(132, device.numMultiprocessors());
    assertEquals("00112233445566778899aabbccddeeff", device.uuid());
    assertEquals("0000:1B:00.0", device.pciBusId());
    assertEquals(4.917e12, device.peakBytesPerSecond(), 1e9);
    assertEquals(-5, cuda.context.highestPriority());
    assertEquals(new CudaContext.Memory(256L << 20, 256L << 20), cuda.context.memory());
  }

  @Test
  void shouldRefuseDeviceThatIsNotThere() {
    UserException e = assertThrows(UserException.class, () -> CudaDevice.of(1));
    assertEquals("CUDA device: found 1, expected one of the 1 from 0 on", e.getMessage());
  }

  @Test
  void shouldCopyThereAndBackAndOnTheDevice() {
    try (DeviceRegion one = cuda.floats(1, 2, 3, 4);
        DeviceRegion two = cuda.allocate(16);
        PinnedMemory pinned = PinnedMemory.allocate(8)) {
      cuda.stream.copy(one.memory(), two.memory());
      assertArrayEquals(new float[] {1, 2, 3, 4}, cuda.read(two.memory()));
      cuda.stream.copyToHost(one.slice(4, 8), pinned.segment());
      cuda.stream.copyToDevice(pinned.segment(), two.slice(8, 8));
      assertArrayEquals(new float[] {1, 2, 2, 3}, cuda.read(two.memory()));
    }
  }

  @Test
  void shouldFillBytesAndInts() {
    try (DeviceRegion region = cuda.allocate(8);
        Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(8);
      cuda.stream.fillInts(region.memory(), 0x01020304);
      cuda.stream.fill(region.slice(1, 2), (byte) 9);
      cuda.stream.copyToHost(region.memory(), host);
      cuda.stream.synchronize();
      assertArrayEquals(new byte[] {4, 9, 9, 1, 4, 3, 2, 1}, host.toArray(JAVA_BYTE));
      assertThrows(IllegalArgumentException.class, () -> cuda.stream.fillInts(region.slice(0, 6), 0));
    }
  }

  @Test
  void shouldPinMemoryOfOthers() {
    try (Arena arena = Arena.ofConfined();
        DeviceRegion region = cuda.floats(5)) {
      MemorySegment host = arena.allocate(4);
      try (PinnedMemory pinned = PinnedMemory.pin(host)) {
        cuda.stream.copyToHost(region.memory(), pinned.segment());
        cuda.stream.synchronize();
      }
      assertEquals(Float.floatToIntBits(5), host.get(JAVA_INT, 0));
    }
  }

  @Test
  void shouldRefuseCopyOfOtherSize() {
    try (DeviceRegion region = cuda.allocate(8);
        Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(4);
      var e = assertThrows(IllegalArgumentException.class, () -> cuda.stream.copyToDevice(host, region.memory()));
      assertEquals("from=4 bytes, to=8 bytes, expected as many", e.getMessage());
      assertThrows(IndexOutOfBoundsException.class, () -> region.slice(4, 8));
      assertThrows(WrongThreadException.class, () -> region.memory().segment().get(JAVA_INT, 0));
    }
  }

  @Test
  void shouldSayWhichCallFailedAndWhy() {
    DeviceMemory nobodys = new DeviceMemory(0x1000, 4);
    NativeException e = assertThrows(NativeException.class, () -> cuda.stream.fill(nobodys, (byte) 0));
    assertEquals(
        "libcuda: cuMemsetD8Async failed with status=700 (CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was"
            + " encountered)",
        e.getMessage());
    NativeException unknown = CudaFunctions.INIT.failure(12345, "a test");
    assertEquals("libcuda: cuInit failed with status=12345 (unknown to the driver: a test)", unknown.getMessage());
  }

  @Test
  void shouldNeedContextOnEveryThread() {
    var fails = assertThrows(CompletionException.class, () -> CompletableFuture.runAsync(CudaStream::new).join());
    assertEquals("cuStreamCreateWithPriority", ((NativeException) fails.getCause()).function());
    CompletableFuture.runAsync(
            () -> {
              cuda.context.makeCurrent();
              new CudaStream().close();
            })
        .join();
  }

  @Test
  void shouldOrderAndTimeStreams() {
    try (CudaStream other = new CudaStream(cuda.context.highestPriority());
        CudaEvent start = CudaEvent.forTime();
        CudaEvent end = CudaEvent.forTime();
        CudaEvent order = CudaEvent.forOrder();
        DeviceRegion region = cuda.allocate(1 << 20)) {
      start.record(cuda.stream);
      cuda.stream.fill(region.memory(), (byte) 1);
      order.record(cuda.stream);
      other.waitFor(order);
      other.fill(region.memory(), (byte) 2);
      end.record(other);
      end.synchronize();
      assertTrue(end.isDone());
      assertTrue(other.isIdle());
      assertTrue(end.millisecondsSince(start) >= 0);
      assertThrows(NativeException.class, () -> end.millisecondsSince(order));
      assertFalse(Float.isNaN(end.millisecondsSince(start)));
      cuda.context.synchronize();
    }
  }
}
