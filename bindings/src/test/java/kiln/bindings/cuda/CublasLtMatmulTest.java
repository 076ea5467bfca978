package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.NativeException;
import kiln.bindings.cuda.CublasLtMatmul.Operands;
import kiln.bindings.cuda.CublasLtProduct.Layout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Row-major products by a library that works column by column (native/fake_cuda/cublaslt), against loops. */
class CublasLtMatmulTest {
  private static final int M = 3;
  private static final int N = 8;
  private static final int K = 5;

  private final List<DeviceRegion> regions = new ArrayList<>();
  private FakeCuda cuda;
  private CublasLtHandle handle;

  @BeforeEach
  void open() {
    cuda = new FakeCuda();
    handle = new CublasLtHandle();
  }

  @AfterEach
  void close() {
    if (cuda != null) {
      handle.close();
      regions.forEach(DeviceRegion::close);
      cuda.close();
    }
  }

  private DeviceMemory device(float... numbers) {
    DeviceRegion region = cuda.floats(numbers);
    regions.add(region);
    return region.memory();
  }

  private static float[] numbers(int count, int seed) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = ((i * 7 + seed * 3) % 11 - 5) / 4f;
    }
    return x;
  }

  /** y [m, n] = a·b. */
  private static float[] product(float[] a, boolean transposeA, float[] b, boolean transposeB) {
    float[] y = new float[M * N];
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        for (int k = 0; k < K; k++) {
          y[i * N + j] += a[transposeA ? k * M + i : i * K + k] * b[transposeB ? j * K + k : k * N + j];
        }
      }
    }
    return y;
  }

  private void run(CublasLtProduct product, Operands operands) {
    try (CublasLtMatmul matmul = new CublasLtMatmul(handle, product, operands, 1 << 20)) {
      matmul.run(new DeviceMemory(0, 0), cuda.stream);
    }
  }

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void shouldMultiplyRowMajorMatrices(boolean transposeA, boolean transposeB) {
    float[] a = numbers(M * K, 1);
    float[] b = numbers(K * N, 2);
    DeviceMemory y = device(numbers(M * N, 3));
    run(
        CublasLtProduct.of(M, N, K, transposeA, transposeB, CudaType.F32),
        new Operands(device(a), device(b), y, null, null));
    assertArrayEquals(product(a, transposeA, b, transposeB), cuda.read(y), 1e-5f);
  }

  @Test
  void shouldMultiplyBatchesAndAccumulate() {
    float[] a = numbers(2 * M * K, 1);
    float[] b = numbers(K * N, 2);
    float[] old = numbers(2 * M * N, 3);
    DeviceMemory y = device(old);
    Layout layoutA = new Layout(false, K, M * K);
    Layout layoutB = new Layout(false, N, 0);
    Layout layoutY = new Layout(false, N, M * N);
    CublasLtProduct product =
        new CublasLtProduct(
            M, N, K, 2, layoutA, layoutB, layoutY, CudaType.F32, CudaType.F32, CublasLtEpilogue.NONE, true, false);
    run(product, new Operands(device(a), device(b), y, null, null));
    float[] expected = old.clone();
    for (int batch = 0; batch < 2; batch++) {
      float[] part = new float[M * K];
      System.arraycopy(a, batch * M * K, part, 0, M * K);
      float[] sum = product(part, false, b, false);
      for (int i = 0; i < M * N; i++) {
        expected[batch * M * N + i] += sum[i];
      }
    }
    assertArrayEquals(expected, cuda.read(y), 1e-5f);
  }

  /** Scores of attention: q and k lie as [length, heads, width], y as [heads, queries, keys]. */
  @Test
  void shouldMultiplyWithinWiderRows() {
    int heads = 2;
    float[] q = numbers(M * heads * K, 1);
    float[] k = numbers(N * heads * K, 2);
    DeviceMemory y = device(new float[heads * M * N]);
    Layout layoutQ = new Layout(false, heads * K, K);
    Layout layoutK = new Layout(true, heads * K, K);
    Layout layoutY = new Layout(false, N, M * N);
    CublasLtProduct product =
        new CublasLtProduct(
            M, N, K, heads, layoutQ, layoutK, layoutY, CudaType.F32, CudaType.F32, CublasLtEpilogue.NONE, false, false);
    run(product, new Operands(device(q), device(k), y, null, null));
    float[] expected = new float[heads * M * N];
    for (int i = 0; i < expected.length; i++) {
      int head = i / (M * N);
      for (int d = 0; d < K; d++) {
        expected[i] += q[(i / N % M * heads + head) * K + d] * k[(i % N * heads + head) * K + d];
      }
    }
    assertArrayEquals(expected, cuda.read(y), 1e-5f);
  }

  private static float gelu(float x) {
    return (float) (0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));
  }

  private static float geluSlope(float x) {
    return (gelu(x + 1e-2f) - gelu(x - 1e-2f)) / 2e-2f;
  }

  @Test
  void shouldAddBiasAndKeepWhatGeluGets() {
    float[] a = numbers(M * K, 1);
    float[] b = numbers(K * N, 2);
    float[] bias = numbers(N, 4);
    DeviceMemory y = device(new float[M * N]);
    DeviceMemory auxiliary = device(new float[M * N]);
    run(
        CublasLtProduct.of(M, N, K, false, true, CudaType.F32).with(CublasLtEpilogue.GELU_AUX_BIAS),
        new Operands(device(a), device(b), y, device(bias), auxiliary));
    float[] sums = product(a, false, b, true);
    float[] activated = new float[M * N];
    for (int i = 0; i < sums.length; i++) {
      sums[i] += bias[i % N];
      activated[i] = gelu(sums[i]);
    }
    assertArrayEquals(sums, cuda.read(auxiliary), 1e-5f);
    assertArrayEquals(activated, cuda.read(y), 1e-5f);
  }

  @Test
  void shouldMultiplyByGelusSlopeAndSumBiasGradient() {
    float[] a = numbers(M * K, 1);
    float[] b = numbers(K * N, 2);
    float[] kept = numbers(M * N, 5);
    DeviceMemory y = device(new float[M * N]);
    DeviceMemory bias = device(new float[N]);
    run(
        CublasLtProduct.of(M, N, K, false, false, CudaType.F32).with(CublasLtEpilogue.DGELU_BIAS_GRADIENT),
        new Operands(device(a), device(b), y, bias, device(kept)));
    float[] expected = product(a, false, b, false);
    float[] sums = new float[N];
    for (int i = 0; i < expected.length; i++) {
      expected[i] *= geluSlope(kept[i]);
      sums[i % N] += expected[i];
    }
    assertArrayEquals(expected, cuda.read(y), 2e-3f);
    assertArrayEquals(sums, cuda.read(bias), 5e-3f);
  }

  @Test
  void shouldSumFactorsForBiasGradients() {
    float[] a = numbers(M * K, 1);
    float[] b = numbers(K * N, 2);
    float[] ofA = new float[M];
    float[] ofB = new float[N];
    for (int k = 0; k < K; k++) {
      for (int i = 0; i < M; i++) {
        ofA[i] += a[k * M + i];
      }
      for (int j = 0; j < N; j++) {
        ofB[j] += b[k * N + j];
      }
    }
    CublasLtProduct product = CublasLtProduct.of(M, N, K, true, false, CudaType.F32);
    for (boolean first : new boolean[] {true, false}) {
      DeviceMemory y = device(new float[M * N]);
      DeviceMemory bias = device(new float[first ? M : N]);
      run(
          product.with(first ? CublasLtEpilogue.BIAS_GRADIENT_OF_A : CublasLtEpilogue.BIAS_GRADIENT_OF_B),
          new Operands(device(a), device(b), y, bias, null));
      assertArrayEquals(first ? ofA : ofB, cuda.read(bias), 1e-5f);
      assertArrayEquals(product(a, true, b, false), cuda.read(y), 1e-5f);
    }
  }

  @Test
  void shouldChooseAmongAlgorithmsWithinScratch() {
    Operands operands =
        new Operands(device(numbers(M * K, 1)), device(numbers(K * N, 2)), device(new float[M * N]), null, null);
    CublasLtProduct product = CublasLtProduct.of(M, N, K, false, false, CudaType.F32);
    try (CublasLtMatmul small = new CublasLtMatmul(handle, product, operands, 0)) {
      assertEquals(1, small.numAlgorithms());
    }
    try (CublasLtMatmul matmul = new CublasLtMatmul(handle, product, operands, 1024)) {
      assertEquals(2, matmul.numAlgorithms());
      matmul.choose(1);
      assertEquals(1024, matmul.workspaceBytes());
      var e = assertThrows(IllegalArgumentException.class, () -> matmul.run(new DeviceMemory(0, 0), cuda.stream));
      assertEquals("scratch needs 1024 bytes, found 0 bytes at device address 0x0", e.getMessage());
      DeviceRegion scratch = cuda.allocate(1024);
      regions.add(scratch);
      matmul.run(scratch.memory(), cuda.stream);
    }
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    CublasLtProduct product = CublasLtProduct.of(M, N, K, false, false, CudaType.F32);
    Operands operands = new Operands(device(1), device(numbers(K * N, 2)), device(new float[M * N]), null, null);
    var e = assertThrows(IllegalArgumentException.class, () -> new CublasLtMatmul(handle, product, operands, 0));
    assertEquals(0, e.getMessage().indexOf("a needs 60 bytes, found 4 bytes"), e.getMessage());
    CublasLtProduct odd = CublasLtProduct.of(M, 7, K, false, false, CudaType.F32);
    assertThrows(IllegalArgumentException.class, () -> odd.with(CublasLtEpilogue.GELU_AUX));
    Layout narrow = new Layout(false, K - 1, 0);
    var row =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new CublasLtProduct(
                    M, N, K, 1, narrow, odd.b(), odd.y(), odd.inputs(), odd.output(), odd.epilogue(), false, false));
    assertEquals("a=" + narrow + ", expected rows of 5 or more", row.getMessage());
  }

  @Test
  void shouldSayWhatCublasLtRefuses() {
    CudaFunction create = CublasLtFunctions.MATRIX_LAYOUT_CREATE;
    NativeException e = assertThrows(NativeException.class, () -> create.call(pointer(), 0, 5L, 2L, 4L));
    assertEquals(
        "libcublasLt: cublasLtMatrixLayoutCreate failed with status=7 (CUBLAS_STATUS_INVALID_VALUE: an unsupported"
            + " value or parameter)",
        e.getMessage());
  }

  private static MemorySegment pointer() {
    return Arena.ofAuto().allocate(8);
  }
}
