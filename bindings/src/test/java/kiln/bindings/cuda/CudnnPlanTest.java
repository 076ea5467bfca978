package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.NativeException;
import kiln.bindings.cuda.CudnnAttention.Bias;
import kiln.bindings.cuda.CudnnConvolution.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Graphs and plans by cuDNN itself, if it is there, for an H200 that need not be. It checks every descriptor, chooses engines and
 * compiles kernels; nothing is executed.
 */
class CudnnPlanTest {
  /** What cuDNN would say of the device. */
  private static final String H200 =
      """
      {"deviceName": "NVIDIA H200", "cudaDeviceId": 0, "deviceVer": 900, "driverVer": 13000, "pciDeviceId": 0,
       "multiProcessorCount": 132, "smCountOrigin": 0, "smClockRateKHz": 1980000, "memClockRateKHz": 3201000,
       "totalGlobalMem": 150754820096, "l2CacheSize": 62914560, "warpSize": 32, "maxThreadsPerBlock": 1024,
       "regsPerBlock": 65536, "maxRegistersPerSM": 65536, "maxThreadsPerSM": 2048, "maxCtasPerSM": 32,
       "maxSharedMemoryPerBlock": 49152, "maxSharedMemoryPerBlockOptin": 232448, "reservedSharedMemoryPerBlock": 1024,
       "maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64], "isTccDriver": 0,
       "supportCoopLaunch": 1}""";

  private static final long SCRATCH = 1L << 30;

  private FakeCuda cuda;
  private CudnnTarget target;

  @BeforeEach
  void open() {
    RealLibraries.assumeThere(CudaLibrary.CUDNN);
    RealLibraries.assumeThere(CudaLibrary.NVRTC);
    assumeFalse(CudnnRun.isFake(), "skipped: this process uses cuDNN for tests; another is started for NVIDIA's");
    cuda = new FakeCuda(); // cuDNN loads what it has compiled into a driver
    target = CudnnTarget.of(H200);
  }

  @AfterEach
  void close() {
    if (cuda != null) {
      target.close();
      cuda.close();
    }
  }

  private static CudnnConvolution convolution(
      CudaType type, long channels, long outChannels, long kernel, long step) {
    Size in = new Size(64, 64);
    Size size = new Size(kernel, kernel);
    Size stride = new Size(step, step);
    Size pad = new Size(kernel / 2, kernel / 2);
    return new CudnnConvolution(
        2, channels, in, outChannels, size, stride, Size.ONE, pad, pad, 1, type);
  }

  private CudnnPlan plan(CudnnGraph graph, CudnnNumerics numerics) {
    Optional<CudnnPlan> plan = CudnnPlan.best(graph, target, numerics, SCRATCH);
    assertTrue(plan.isPresent(), "no plan");
    return plan.get();
  }

  @Test
  void shouldGiveBackTheDevicesProperties() {
    assertTrue(target.json().contains("NVIDIA H200"), target.json());
    NativeException e = assertThrows(NativeException.class, () -> CudnnTarget.of("{}"));
    assertEquals("cudnnBackendFinalize", e.function());
    assertTrue(e.text().startsWith("CUDNN_STATUS_BAD_PARAM: "), e.text());
  }

  @ParameterizedTest
  @CsvSource({
    "BF16,320,320,3,1", "BF16,4,320,3,1", "BF16,320,640,3,2", "BF16,640,320,1,1", "F32,320,320,3,1", "F32,4,320,3,1"
  })
  void shouldPlanConvolutionsAndGradients(CudaType type, long channels, long outChannels, long kernel, long stride) {
    CudnnConvolution convolution = convolution(type, channels, outChannels, kernel, stride);
    CudnnNumerics numerics = type == CudaType.F32 ? CudnnNumerics.EXACT_FLOAT32 : CudnnNumerics.REPEATABLE;
    try (CudnnGraph forward = convolution.forward();
        CudnnGraph biased = convolution.forwardWithBias();
        CudnnGraph data = convolution.backwardData();
        CudnnGraph weights = convolution.backwardWeights()) {
      assertEquals(64 / stride, convolution.out().width());
      assertEquals(2 * 64 / stride * 64 / stride * outChannels * type.bytes(), forward.bytes(CudnnConvolution.Y));
      assertEquals(outChannels * channels * kernel * kernel * type.bytes(), weights.bytes(CudnnConvolution.W));
      for (CudnnGraph graph : List.of(forward, biased, data, weights)) {
        String text = plan(graph, numerics).toString();
        assertEquals(type == CudaType.BF16, text.contains("with tensor cores"), text);
      }
    }
  }

  @Test
  void shouldUseTf32OnlyIfAllowed() {
    try (CudnnGraph graph = convolution(CudaType.F32, 320, 320, 3, 1).forward()) {
      assertTrue(plan(graph, CudnnNumerics.REPEATABLE).toString().contains("with tensor cores"));
      assertTrue(plan(graph, CudnnNumerics.EXACT_FLOAT32).toString().contains("without tensor cores"));
    }
  }

  @Test
  void shouldListPlansWithinScratch() {
    try (CudnnGraph graph = convolution(CudaType.BF16, 320, 320, 3, 1).backwardWeights()) {
      List<CudnnPlan> plans = CudnnPlan.list(graph, target, CudnnNumerics.REPEATABLE, 1 << 20, 5);
      assertEquals(5, plans.size());
      assertTrue(plans.stream().allMatch(p -> p.workspaceBytes() <= 1 << 20));
      assertTrue(CudnnPlan.list(graph, target, CudnnNumerics.REPEATABLE, -1, 5).isEmpty());
    }
  }

  private static CudnnAttention attention(long keys, long width, Bias... biases) {
    return new CudnnAttention(2, 5, 256, keys, width, width, 0.125f, List.of(biases), CudaType.BF16);
  }

  @ParameterizedTest
  @ValueSource(longs = {64, 160})
  void shouldPlanAttention(long width) {
    CudnnAttention attention = attention(77, width);
    try (CudnnGraph forward = attention.forward();
        CudnnGraph backward = attention.backward(true, false)) {
      plan(forward, CudnnNumerics.REPEATABLE);
      plan(backward, CudnnNumerics.REPEATABLE);
      assertEquals(2 * 5 * 256 * 4, forward.bytes(CudnnAttention.LOG_SUM));
      assertEquals(2 * 77 * 5 * width * 2, backward.bytes(CudnnAttention.DK));
    }
  }

  private enum Biases {
    PER_HEAD(new Bias(1, 5, 256, 77)),
    PER_KEY(new Bias(2, 1, 1, 77)),
    BOTH(new Bias(1, 5, 256, 77), new Bias(2, 1, 1, 77));

    final Bias[] biases;

    Biases(Bias... biases) {
      this.biases = biases;
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldPlanAttentionWithBiases(Biases kind) {
    CudnnAttention attention = attention(77, 64, kind.biases);
    try (CudnnGraph forward = attention.forward();
        CudnnGraph backward = attention.backward(true, kind != Biases.PER_KEY)) {
      plan(forward, CudnnNumerics.REPEATABLE);
      plan(backward, CudnnNumerics.REPEATABLE);
    }
  }

  @Test
  void shouldNeedLessScratchWhereSumsMayVary() {
    try (CudnnGraph repeatable = attention(256, 64).backward(true, false);
        CudnnGraph varying = attention(256, 64).backward(false, false)) {
      long scratch = plan(repeatable, CudnnNumerics.REPEATABLE).workspaceBytes();
      assertTrue(scratch >= 2 * 5 * 256 * 256 * 2, "scratch=" + scratch);
      assertTrue(plan(varying, new CudnnNumerics(true, true)).workspaceBytes() < scratch);
    }
  }

  @Test
  void shouldHaveNoPlanForHeadsThatAreTooWide() {
    try (CudnnGraph backward = attention(256, 512).backward(true, false)) {
      assertEquals(Optional.empty(), CudnnPlan.best(backward, target, CudnnNumerics.REPEATABLE, SCRATCH));
    }
  }

  @Test
  void shouldBindEveryTensorOfAnExecution() {
    try (CudnnGraph graph = attention(77, 64, new Bias(1, 5, 256, 77)).forward();
        DeviceRegion memory = cuda.allocate(8 << 20)) {
      CudnnPlan plan = plan(graph, CudnnNumerics.REPEATABLE);
      DeviceMemory scratch = memory.slice(7 << 20, plan.workspaceBytes());
      Map<Long, DeviceMemory> places = new HashMap<>();
      for (long id : graph.memoryIds()) {
        places.put(id, memory.slice(places.size() << 20, graph.bytes(id)));
      }
      new CudnnExecution(plan, places, scratch).close();
      places.put(CudnnAttention.Q, memory.slice(0, 10));
      var small = assertThrows(IllegalArgumentException.class, () -> new CudnnExecution(plan, places, scratch));
      assertTrue(small.getMessage().startsWith("tensor 1 needs 327680 bytes, found 10 bytes"), small.getMessage());
      places.remove(CudnnAttention.Q);
      var missing = assertThrows(IllegalArgumentException.class, () -> new CudnnExecution(plan, places, scratch));
      assertFalse(missing.getMessage().isEmpty());
    }
  }
}
