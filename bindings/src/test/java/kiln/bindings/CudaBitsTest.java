package kiln.bindings;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What must have the same bits on a GPU as on the processor: casts and random numbers. */
class CudaBitsTest {
  private static final int HALVES = 1 << 16;

  /** All upper halves with lower halves on both sides of a tie, at it, and none; NaN and infinity are among them. */
  @Test
  void shouldRoundToBfloat16WithTheBitsOfTheProcessor() {
    try (CudaRun run = new CudaRun();
        Arena arena = Arena.ofConfined()) {
      for (int lower : new int[] {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff}) {
        int[] bits = new int[HALVES];
        Arrays.setAll(bits, upper -> upper << 16 | lower);
        MemorySegment x = run.allocate(4L * HALVES, lower % 3 == 0 ? 0 : 4).copyFrom(MemorySegment.ofArray(bits));
        MemorySegment y = run.allocate(2L * HALVES, 0);
        MemorySegment expected = arena.allocate(2L * HALVES, 64);
        run.launch(false, DeviceKernel.NARROW, HALVES, x, y, (long) HALVES);
        ElementwiseKernels.narrow(x, expected, HALVES);
        assertArrayEquals(expected.toArray(JAVA_SHORT), y.toArray(JAVA_SHORT), "lower=" + lower);
      }
    }
  }

  @Test
  void shouldWidenEveryBfloat16() {
    try (CudaRun run = new CudaRun()) {
      for (int first : new int[] {0, 1}) {
        int n = HALVES - first;
        MemorySegment x = run.allocate(2L * n, 2 * first);
        for (int i = 0; i < n; i++) {
          x.setAtIndex(JAVA_SHORT, i, (short) (i + first));
        }
        MemorySegment y = run.allocate(4L * n, 0);
        run.launch(false, DeviceKernel.WIDEN, n, x, y, (long) n);
        int[] bits = y.toArray(JAVA_INT);
        for (int i = 0; i < n; i++) {
          assertEquals((i + first) << 16, bits[i]);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 4", "2, 7", "5, 1021"})
  void shouldDrawTheNumbersOfTheProcessor(int numSamples, int perSample) {
    int n = numSamples * perSample;
    try (CudaRun run = new CudaRun();
        Arena arena = Arena.ofConfined()) {
      MemorySegment samples = run.allocate(8L * numSamples, 0);
      for (int i = 0; i < numSamples; i++) {
        samples.setAtIndex(java.lang.foreign.ValueLayout.JAVA_LONG, i, 0x7_0000_0000L * i + 17 - i);
      }
      long seed = 0x1234_5678_9abc_def0L;
      MemorySegment expected = arena.allocate(4L * n, 64);
      Object[] rest = {(long) numSamples, (long) perSample, samples, seed, 3, 900};
      long items = numSamples * Math.ceilDiv((long) perSample, 4);
      MemorySegment words = draw(run, DeviceKernel.PHILOX_WORDS, items, n, rest);
      RandomKernels.words(expected, samples, seed, 3, 900);
      assertArrayEquals(expected.toArray(JAVA_INT), words.toArray(JAVA_INT));
      MemorySegment uniform = draw(run, DeviceKernel.PHILOX_UNIFORM, items, n, rest);
      RandomKernels.uniform(expected, samples, seed, 3, 900);
      assertArrayEquals(expected.toArray(JAVA_INT), uniform.toArray(JAVA_INT));
      MemorySegment normal = draw(run, DeviceKernel.PHILOX_NORMAL, items, n, rest);
      RandomKernels.normal(expected, samples, seed, 3, 900);
      for (int i = 0; i < n; i++) {
        float wanted = expected.getAtIndex(JAVA_FLOAT, i);
        assertEquals(wanted, normal.getAtIndex(JAVA_FLOAT, i), Math.ulp(wanted), "element " + i);
      }
    }
  }

  private static MemorySegment draw(CudaRun run, DeviceKernel kernel, long items, int n, Object... rest) {
    MemorySegment out = run.allocate(4L * n, 4);
    Object[] values = new Object[1 + rest.length];
    values[0] = out;
    System.arraycopy(rest, 0, values, 1, rest.length);
    run.launch(true, kernel, items, values);
    return out;
  }
}
