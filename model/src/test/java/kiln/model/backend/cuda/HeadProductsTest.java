package kiln.model.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.DeviceRegion;
import kiln.model.backend.cuda.HeadProducts.Matrices;
import kiln.model.graph.TensorType;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of the heads of several samples, which cuBLASLt steps over by one stride, against loops. */
class HeadProductsTest {
  private static final int M = 3;
  private static final int N = 4;
  private static final int K = 5;

  /** Whether heads lie within rows, [sample, row, head, column], else before them, and how many of both there are. */
  @ParameterizedTest
  @CsvSource({"true,1,1", "true,1,3", "true,3,1", "true,2,3", "true,3,2", "false,3,2", "false,1,2", "false,2,1"})
  void shouldMultiplyTheHeadsOfEverySample(boolean within, int samples, int heads) {
    float[] a = numbers(samples * heads * M * K, 1);
    float[] b = numbers(samples * heads * N * K, 2);
    float[] expected = new float[samples * heads * M * N]; // [sample, head, row, column]
    for (int i = 0; i < expected.length; i++) {
      int sample = i / (heads * M * N);
      int head = i / (M * N) % heads;
      for (int k = 0; k < K; k++) {
        float left = a[at(within, heads, sample, head, i / N % M, M, k, K)];
        expected[i] += 0.5f * left * b[at(within, heads, sample, head, i % N, N, k, K)];
      }
    }
    try (CudaEngine engine = FakeGpu.open();
        DeviceRegion region = engine.pool().allocate("a test", 1 << 16, engine.stream())) {
      Matrices left = matrices(within, heads, M, K, buffer(engine, region, 0, a));
      Matrices right = matrices(within, heads, N, K, buffer(engine, region, 1 << 14, b));
      Buffer result = buffer(engine, region, 1 << 15, new float[expected.length]);
      Matrices to = matrices(false, heads, M, N, result);
      try (Launch launch = new Products(engine).multiply(samples, heads, left, false, right, true, to, 0.5f)) {
        launch.run();
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment host = arena.allocate(result.type().bytes(), 4);
        engine.stream().copyToHost(DeviceMemory.of(result.segment()), host);
        engine.stream().synchronize();
        assertArrayEquals(expected, host.toArray(JAVA_FLOAT), 1e-5f);
      }
    }
  }

  private static int at(boolean within, int heads, int sample, int head, int row, int rows, int column, int columns) {
    return within
        ? ((sample * rows + row) * heads + head) * columns + column
        : ((sample * heads + head) * rows + row) * columns + column;
  }

  private static Matrices matrices(boolean within, long heads, long rows, long columns, Buffer data) {
    return within
        ? new Matrices(data, 0, false, rows, columns, heads * columns, columns, rows * heads * columns)
        : new Matrices(data, 0, false, rows, columns, columns, rows * columns, heads * rows * columns);
  }

  private static Buffer buffer(CudaEngine engine, DeviceRegion region, long offset, float... values) {
    DeviceMemory place = region.slice(offset, 4L * values.length);
    engine.stream().copyToDevice(Arena.ofAuto().allocateFrom(JAVA_FLOAT, values), place);
    return new Buffer(TensorType.f32(values.length), place.segment());
  }

  private static float[] numbers(int n, int seed) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = ((i * 7 + seed * 3) % 11 - 5) / 4f;
    }
    return x;
  }
}
