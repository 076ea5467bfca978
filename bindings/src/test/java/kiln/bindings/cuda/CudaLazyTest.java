package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import kiln.bindings.NativeException;
import kiln.bindings.cuda.CudaLaunch.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver for tests, where streams do their work only when somebody waits: what tests of others rely on to find missing waits. */
class CudaLazyTest {
  private FakeCuda cuda;
  private LazyStreams lazy;
  private CudaStream other;
  private CudaModule module;
  private PinnedMemory host;

  @BeforeEach
  void open() {
    cuda = new FakeCuda();
    module = new CudaModule(FakeCuda.kernels());
    lazy = new LazyStreams();
    other = new CudaStream();
    host = PinnedMemory.allocate(2 * Float.BYTES);
    set(0, 0);
  }

  @AfterEach
  void close() {
    if (host != null) {
      host.close();
      other.close();
      lazy.close();
      module.close();
      cuda.close();
    }
  }

  private void set(float a, float b) {
    host.segment().setAtIndex(JAVA_FLOAT, 0, a);
    host.segment().setAtIndex(JAVA_FLOAT, 1, b);
  }

  private float[] seen() {
    return host.segment().toArray(JAVA_FLOAT);
  }

  private CudaLaunch scale(DeviceRegion x, float factor) {
    return new CudaLaunch(module.kernel("scale"), Shape.of(1, 32), x.memory(), x.byteSize() / Float.BYTES, factor);
  }

  @Test
  void shouldShowOldDataUntilSomebodyWaits() {
    try (DeviceRegion x = cuda.floats(1, 2);
        CudaLaunch launch = scale(x, 10)) {
      launch.launch(cuda.stream);
      cuda.stream.copyToHost(x.memory(), host.segment());
      assertArrayEquals(new float[] {0, 0}, seen());
      other.synchronize();
      assertArrayEquals(new float[] {0, 0}, seen(), "another stream's work");
      cuda.stream.synchronize();
      assertArrayEquals(new float[] {10, 20}, seen());
    }
  }

  @Test
  void shouldReadPinnedMemoryWhenTheCopyIsDoneAndOtherAtTheCall() {
    try (DeviceRegion x = cuda.floats(0, 0);
        Arena arena = Arena.ofConfined()) {
      MemorySegment pageable = arena.allocateFrom(JAVA_FLOAT, 1, 2);
      cuda.stream.copyToDevice(pageable, x.memory());
      pageable.fill((byte) 0);
      assertArrayEquals(new float[] {1, 2}, cuda.read(x.memory()));
      set(3, 4);
      cuda.stream.copyToDevice(host.segment(), x.memory());
      set(5, 6);
      assertArrayEquals(new float[] {5, 6}, cuda.read(x.memory()), "changed before it was copied");
      cuda.stream.copyToHost(x.memory(), pageable);
      assertArrayEquals(new float[] {5, 6}, pageable.toArray(JAVA_FLOAT), "the host waits for copies to such memory");
    }
  }

  @Test
  void shouldOrderStreamsByEventsAlone() {
    try (DeviceRegion x = cuda.floats(1, 2);
        CudaLaunch launch = scale(x, 10);
        CudaEvent done = CudaEvent.forOrder()) {
      launch.launch(cuda.stream);
      done.record(cuda.stream);
      other.copyToHost(x.memory(), host.segment());
      other.synchronize();
      assertArrayEquals(new float[] {1, 2}, seen(), "without a wait");
      other.waitFor(done);
      other.copyToHost(x.memory(), host.segment());
      other.synchronize();
      assertArrayEquals(new float[] {10, 20}, seen(), "with one");
    }
  }

  @Test
  void shouldWaitOnlyForWhatWasQueuedBeforeTheEvent() {
    try (DeviceRegion x = cuda.floats(1, 2);
        CudaLaunch launch = scale(x, 10);
        CudaEvent once = CudaEvent.forTime();
        CudaEvent twice = CudaEvent.forTime()) {
      launch.launch(cuda.stream);
      once.record(cuda.stream);
      launch.launch(cuda.stream);
      twice.record(cuda.stream);
      once.synchronize();
      other.copyToHost(x.memory(), host.segment());
      other.synchronize();
      assertArrayEquals(new float[] {10, 20}, seen());
      assertThrows(NativeException.class, () -> twice.millisecondsSince(once), "not done");
      twice.synchronize();
      assertTrue(twice.millisecondsSince(once) >= 0);
    }
  }

  @Test
  void shouldBeDoneForWhoKeepsAsking() {
    try (DeviceRegion x = cuda.floats(1, 2);
        CudaEvent event = CudaEvent.forOrder()) {
      cuda.stream.copyToHost(x.memory(), host.segment());
      event.record(cuda.stream);
      assertFalse(event.isDone());
      assertFalse(event.isDone());
      assertArrayEquals(new float[] {0, 0}, seen());
      assertTrue(event.isDone());
      assertArrayEquals(new float[] {1, 2}, seen());
      cuda.stream.fill(x.memory(), (byte) 0);
      assertFalse(cuda.stream.isIdle());
      assertFalse(cuda.stream.isIdle());
      assertTrue(cuda.stream.isIdle());
    }
  }

  @Test
  void shouldDoAllWhenTheHostWaitsForTheContext() {
    try (DeviceRegion x = cuda.floats(1, 2)) {
      CudaStream closed = new CudaStream();
      closed.copyToHost(x.memory(), host.segment());
      closed.close();
      assertArrayEquals(new float[] {0, 0}, seen());
      cuda.context.synchronize();
      assertArrayEquals(new float[] {1, 2}, seen(), "what was queued is still done");
    }
  }

  @Test
  void shouldReplayGraphsInTheStreamsOrder() {
    try (DeviceRegion x = cuda.floats(1, 2);
        CudaLaunch launch = scale(x, 10)) {
      CudaGraph graph =
          CudaGraph.capture(
              cuda.stream,
              () -> {
                launch.launch(cuda.stream);
                cuda.stream.copyToHost(x.memory(), host.segment());
              });
      graph.launch(cuda.stream);
      launch.launch(cuda.stream);
      graph.launch(cuda.stream);
      graph.close(); // what was launched is still done
      assertArrayEquals(new float[] {0, 0}, seen());
      cuda.stream.synchronize();
      assertArrayEquals(new float[] {1000, 2000}, seen());
    }
  }

  @Test
  void shouldFreeMemoryInTheStreamsOrder() {
    DeviceRegion x = cuda.allocate(2 * Float.BYTES);
    cuda.stream.fill(x.memory(), (byte) 0);
    cuda.stream.copyToHost(x.memory(), host.segment());
    set(7, 7);
    x.close();
    assertEquals(0, cuda.pool.usedBytes());
    assertThrows(NativeException.class, () -> cuda.stream.fill(x.memory(), (byte) 0), "after the free");
    cuda.stream.synchronize();
    assertArrayEquals(new float[] {0, 0}, seen());
  }

  @Test
  void shouldReportFailuresToWhoWaits() {
    try (DeviceRegion x = cuda.floats(new float[64]);
        CudaLaunch launch = scale(x, 10)) { // 32 threads for 64 numbers
      launch.launch(cuda.stream);
      NativeException e = assertThrows(NativeException.class, cuda.stream::synchronize);
      assertEquals("cuStreamSynchronize", e.function());
      assertTrue(e.text().startsWith("CUDA_ERROR_LAUNCH_FAILED"), e.text());
      cuda.stream.synchronize(); // told once
    }
  }

  @Test
  void shouldLetThreadsWaitForStreamsThatWaitForOneAnother() {
    try (DeviceRegion x = cuda.floats(1, 1);
        CudaLaunch launch = scale(x, 2);
        CudaEvent mine = CudaEvent.forOrder();
        CudaEvent yours = CudaEvent.forOrder()) {
      for (int i = 0; i < 20; i++) {
        launch.launch(cuda.stream);
        mine.record(cuda.stream);
        other.waitFor(mine);
        other.fill(x.slice(4, 4), (byte) 0);
        yours.record(other);
        cuda.stream.waitFor(yours);
      }
      CompletableFuture<Void> waits =
          CompletableFuture.runAsync(
              () -> {
                cuda.context.makeCurrent();
                other.synchronize();
              });
      cuda.stream.synchronize();
      waits.join();
      assertArrayEquals(new float[] {1 << 20, 0}, cuda.read(x.memory()));
    }
  }

  @Test
  void shouldRefuseGraphsThatDependOnOtherWork() {
    try (CudaEvent before = CudaEvent.forOrder()) {
      before.record(other);
      NativeException e =
          assertThrows(
              NativeException.class, () -> CudaGraph.capture(cuda.stream, () -> cuda.stream.waitFor(before)));
      assertTrue(e.text().startsWith("CUDA_ERROR_STREAM_CAPTURE_ISOLATION"), e.text());
    }
  }
}
