package kiln.bindings;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters to cuDNN's layout and back, on the shim, in all types. */
class CudaFilterTest {
  @ParameterizedTest
  @CsvSource({"1,1,2", "3,5,9", "2,64,9", "2,513,9", "1,1030,9", "3,7,16", "2,300,16", "1,31,49", "1,3,4607", "2,5,600"})
  void shouldPackAndUnpackFilters(int filters, int channels, int window) {
    int n = filters * channels * window;
    float[] numbers = CudaRun.normal(n, 5);
    float[] packed = new float[n];
    for (int i = 0; i < n; i++) {
      int filter = i / (channels * window);
      packed[(filter * window + i % window) * channels + i / window % channels] = numbers[i];
    }
    for (int types = 0; types < 8; types++) {
      boolean fromNarrow = (types & 1) != 0;
      boolean toNarrow = (types & 2) != 0;
      boolean reversed = (types & 4) != 0;
      float[] wanted = fromNarrow || toNarrow ? rounded(packed) : packed;
      float[] back = fromNarrow || toNarrow ? rounded(numbers) : numbers;
      assertArrayEquals(
          wanted, run(DeviceKernel.FILTER_PACK, reversed, numbers, fromNarrow, toNarrow, filters, channels, window), "packed");
      assertArrayEquals(
          back, run(DeviceKernel.FILTER_UNPACK, reversed, packed, fromNarrow, toNarrow, filters, channels, window), "unpacked");
    }
  }

  private static float[] run(
      DeviceKernel kernel, boolean reversed, float[] from, boolean fromNarrow, boolean toNarrow, int filters, int channels,
      int window) {
    int n = from.length;
    try (CudaRun run = new CudaRun()) {
      MemorySegment x = fromNarrow ? narrow(run, from) : run.floats(0, from);
      MemorySegment y = run.allocate((toNarrow ? 2L : 4L) * n, 0);
      long pieces = (long) filters * Math.ceilDiv(channels, 4608 / (window | 1));
      run.launch(
          reversed, kernel, pieces, fromNarrow ? 1 : 0, toNarrow ? 1 : 0, x, y, (long) filters, (long) channels, (long) window);
      return toNarrow ? wide(y, n) : y.toArray(JAVA_FLOAT);
    }
  }

  private static float[] rounded(float... numbers) {
    try (CudaRun run = new CudaRun()) {
      return wide(narrow(run, numbers), numbers.length);
    }
  }

  private static MemorySegment narrow(CudaRun run, float... numbers) {
    MemorySegment place = run.allocate(2L * numbers.length, 0);
    CastKernels.f32ToBf16(run.floats(0, numbers), place, numbers.length);
    return place;
  }

  private static float[] wide(MemorySegment narrow, int n) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(JAVA_FLOAT, n);
      CastKernels.bf16ToF32(narrow, place, n);
      return place.toArray(JAVA_FLOAT);
    }
  }
}
