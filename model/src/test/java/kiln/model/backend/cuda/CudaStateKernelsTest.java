package kiln.model.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import kiln.bindings.cuda.CudaGraph;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.DeviceRegion;
import kiln.model.optim.OptimizedRegions;
import kiln.model.optim.StateKernels;
import kiln.model.optim.StateKernels.AdamWNumbers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The optimizer on the driver for tests against that of the processor. */
class CudaStateKernelsTest {
  /** Of numbers around 1: compilers join multiplications and additions differently. */
  private static final float BOUND = 1e-6f;

  private static final AdamWNumbers NUMBERS = new AdamWNumbers(0.7f, 0.9f, 0.95f, 1e-8f, 0.999f, 0.012f, 0.31f, 0.05f);

  /** Regions of one length, here and on the device. */
  private static final class Both implements AutoCloseable {
    final Arena arena = Arena.ofConfined();
    final CudaEngine engine = FakeGpu.open();
    final CudaStateKernels kernels = new CudaStateKernels(engine);
    final DeviceRegion device;
    final int n;
    private long used;

    Both(int n) {
      this.n = n;
      device = engine.pool().allocate("a test", 8L * (4L * n + 64), engine.stream());
    }

    MemorySegment host(long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      MemorySegment place = arena.allocate(JAVA_FLOAT, n);
      for (int i = 0; i < n; i++) {
        place.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
      }
      return place;
    }

    /** A place with the same numbers. */
    MemorySegment onDevice(MemorySegment host) {
      DeviceMemory place = device.slice(used, host.byteSize());
      used += (host.byteSize() + 63) / 64 * 64;
      engine.stream().copyToDevice(host, place);
      return place.segment();
    }

    MemorySegment fetch(MemorySegment place) {
      MemorySegment copy = arena.allocate(place.byteSize(), 8);
      engine.stream().copyToHost(DeviceMemory.of(place), copy);
      engine.stream().synchronize();
      return copy;
    }

    @Override
    public void close() {
      device.close();
      kernels.close();
      engine.close();
      arena.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 67, 4099})
  void shouldStepAsOnTheProcessorAndAgainFromAGraph(int n) {
    try (Both both = new Both(n)) {
      MemorySegment narrow = both.arena.allocate(2L * n, 2);
      MemorySegment zeros = both.arena.allocate(4L * n, 4);
      MemorySegment second = both.arena.allocate(4L * n, 4);
      OptimizedRegions host =
          new OptimizedRegions(StateKernels.CPU, both.host(1), both.host(2), zeros, second, both.host(3), narrow);
      OptimizedRegions device =
          new OptimizedRegions(
              both.kernels, both.onDevice(host.weights()), both.onDevice(host.gradients()), both.onDevice(zeros),
              both.onDevice(second), both.onDevice(host.average()), both.onDevice(narrow));
      both.kernels.adamW(device, NUMBERS);
      StateKernels.CPU.adamW(host, NUMBERS);
      AdamWNumbers later = new AdamWNumbers(0.3f, 0.9f, 0.95f, 1e-8f, 0.99f, 0.02f, 0.5f, 0.5f);
      try (CudaGraph graph = CudaGraph.capture(both.engine.stream(), () -> both.kernels.adamW(device))) {
        both.kernels.set(later);
        graph.launch(both.engine.stream());
      }
      StateKernels.CPU.adamW(host, later);
      assertClose(host.weights(), both.fetch(device.weights()));
      assertClose(host.firstMoment(), both.fetch(device.firstMoment()));
      assertClose(host.secondMoment(), both.fetch(device.secondMoment()));
      assertClose(host.average(), both.fetch(device.average()));
      MemorySegment rounded = both.onDevice(narrow);
      both.kernels.narrow(device.weights(), rounded);
      assertArrayEquals(
          both.fetch(rounded).toArray(JAVA_SHORT), both.fetch(device.narrowWeights()).toArray(JAVA_SHORT), "copy");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000, 65_537})
  void shouldSumSquaresAsTheProcessorDoes(int n) {
    try (Both both = new Both(n)) {
      MemorySegment x = both.host(5);
      double expected = StateKernels.CPU.sumOfSquares(x);
      assertEquals(expected, both.kernels.sumOfSquares(both.onDevice(x)), 1e-12 * expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 2049})
  void shouldMoveAveragesAndRoundAndWiden(int n) {
    try (Both both = new Both(n)) {
      MemorySegment average = both.host(1);
      MemorySegment weights = both.host(2);
      MemorySegment device = both.onDevice(average);
      both.kernels.ema(device, both.onDevice(weights), 0.3f);
      StateKernels.CPU.ema(average, weights, 0.3f);
      assertClose(average, both.fetch(device));

      MemorySegment narrow = both.arena.allocate(2L * n, 2);
      MemorySegment rounded = both.onDevice(narrow);
      both.kernels.narrow(both.onDevice(weights), rounded);
      StateKernels.CPU.narrow(weights, narrow);
      assertArrayEquals(narrow.toArray(JAVA_SHORT), both.fetch(rounded).toArray(JAVA_SHORT));
      both.kernels.widen(rounded, device);
      for (int i = 0; i < n; i++) {
        int bits = narrow.getAtIndex(JAVA_SHORT, i) << 16;
        assertEquals(Float.intBitsToFloat(bits), both.fetch(device).getAtIndex(JAVA_FLOAT, i), "element " + i);
      }
    }
  }

  private static void assertClose(MemorySegment expected, MemorySegment actual) {
    assertArrayEquals(expected.toArray(JAVA_FLOAT), actual.toArray(JAVA_FLOAT), BOUND);
  }
}
