package kiln.bindings;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The optimizer's passes of {@code native/cuda} on the shim, against those of {@code native/cpu}. */
class CudaOptimizerTest {
  /** Of the largest number: compilers join multiplications and additions differently. */
  private static final double BOUND = 4e-7;

  private static final float[] SETTINGS = {0.7f, 0.9f, 0.95f, 1e-8f, 0.999f, 0.012f, 0.31f, 0.05f};

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 64, 1021, 5003})
  void shouldStepAsOnTheProcessor(int n) {
    for (int variant = 0; variant < 16; variant++) {
      compare(n, (variant & 1) != 0, (variant & 2) != 0, (variant & 4) != 0 ? 4 : 0, (variant & 8) != 0);
    }
  }

  /** Three steps; the copy lies at half the offset of the others, as it does in training. */
  private static void compare(int n, boolean averages, boolean copies, int offset, boolean descending) {
    String what = "n=" + n + " averages=" + averages + " copies=" + copies + " offset=" + offset;
    try (CudaRun run = new CudaRun();
        Arena arena = Arena.ofConfined()) {
      MemorySegment[] device = new MemorySegment[4];
      MemorySegment[] host = new MemorySegment[4];
      for (int i = 0; i < 4; i++) {
        boolean moment = i == 1 || i == 2;
        float[] values = moment ? new float[n] : CudaRun.normal(n, i);
        device[i] = run.floats(offset, values);
        host[i] = arena.allocateFrom(JAVA_FLOAT, values);
      }
      MemorySegment average = averages ? device[3] : MemorySegment.NULL;
      MemorySegment copy = copies ? run.allocate(2L * n, offset / 2) : MemorySegment.NULL;
      MemorySegment hostCopy = arena.allocate(2L * n, 64);
      MemorySegment settings = run.floats(0, SETTINGS);
      for (int step = 0; step < 3; step++) {
        float[] slopes = CudaRun.normal(n, 100 + step);
        MemorySegment gradient = run.floats(offset, slopes);
        run.launch(
            descending, DeviceKernel.ADAMW_F32, n, device[0], gradient, device[1], device[2], average, copy, (long) n, settings);
        OptimizerKernels.adamW(
            host[0], arena.allocateFrom(JAVA_FLOAT, slopes), host[1], host[2], averages ? host[3] : MemorySegment.NULL,
            copies ? hostCopy : MemorySegment.NULL, SETTINGS[0], SETTINGS[1], SETTINGS[2], SETTINGS[3], SETTINGS[4], SETTINGS[5],
            SETTINGS[6], SETTINGS[7]);
      }
      for (int i = 0; i < 4; i++) {
        assertArrayEquals(
            host[i].toArray(JAVA_FLOAT), device[i].toArray(JAVA_FLOAT), (float) (BOUND * 8), what + " region " + i);
      }
      if (copies) {
        MemorySegment rounded = run.allocate(2L * n, 0);
        CastKernels.f32ToBf16(device[0], rounded, n);
        assertArrayEquals(rounded.toArray(JAVA_SHORT), copy.toArray(JAVA_SHORT), what + " copy");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 1000, 65_537, 300_001})
  void shouldSumSquaresInAnOrderOfItsOwn(int n) {
    try (CudaRun run = new CudaRun()) {
      float[] values = CudaRun.normal(n, 3);
      double[] sums = new double[4];
      for (int variant = 0; variant < 4; variant++) {
        MemorySegment x = run.floats(variant < 2 ? 0 : 4, values);
        MemorySegment partial = run.allocate(1024 * Double.BYTES, 0);
        MemorySegment sum = run.allocate(Double.BYTES, 0);
        run.launch(variant % 2 == 1, DeviceKernel.SUM_OF_SQUARES_F32, 1024, x, partial, (long) n);
        run.launch(variant % 2 == 1, DeviceKernel.SUM_OF_SQUARES_TOTAL, 1, partial, sum);
        sums[variant] = sum.get(JAVA_DOUBLE, 0);
        double expected = OptimizerKernels.sumOfSquares(x);
        assertEquals(expected, sums[variant], 1e-12 * expected);
      }
      assertEquals(sums[0], sums[1], "the order of threads");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.25, 9, 1e300, Double.NaN})
  void shouldClipAsTheProcessorDoes(double squares) {
    try (CudaRun run = new CudaRun()) {
      MemorySegment settings = run.floats(0, SETTINGS);
      MemorySegment sum = run.allocate(Double.BYTES, 0);
      MemorySegment norm = run.allocate(Double.BYTES, 0);
      sum.set(JAVA_DOUBLE, 0, squares);
      for (double maximum : new double[] {0, 0.5, 2}) {
        run.launch(false, DeviceKernel.CLIP_SCALE, 1, sum, settings, norm, 0.5, maximum);
        double found = 0.5 * Math.sqrt(squares);
        double clip = maximum > 0 ? Math.min(1, maximum / (found + 1e-6)) : 1;
        assertEquals(found, norm.get(JAVA_DOUBLE, 0));
        assertEquals((float) (0.5 * clip), settings.get(JAVA_FLOAT, 0));
        assertEquals(SETTINGS[1], settings.getAtIndex(JAVA_FLOAT, 1));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 2049})
  void shouldMoveTheAverageAsOnTheProcessor(int n) {
    try (CudaRun run = new CudaRun();
        Arena arena = Arena.ofConfined()) {
      for (int offset : new int[] {0, 4}) {
        MemorySegment average = run.floats(offset, CudaRun.normal(n, 1));
        MemorySegment expected = arena.allocateFrom(JAVA_FLOAT, CudaRun.normal(n, 1));
        MemorySegment value = run.floats(offset, CudaRun.normal(n, 2));
        run.launch(false, DeviceKernel.EMA_F32, n, average, value, (long) n, 0.3f);
        OptimizerKernels.ema(expected, value, 0.3f);
        assertArrayEquals(expected.toArray(JAVA_FLOAT), average.toArray(JAVA_FLOAT), (float) (BOUND * 4));
      }
    }
  }
}
