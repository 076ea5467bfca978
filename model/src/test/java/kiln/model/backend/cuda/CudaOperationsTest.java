package kiln.model.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import kiln.bindings.cuda.DeviceRegion;
import kiln.model.Bfloat16;
import kiln.model.Evaluation;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Attention;
import kiln.model.op.Conv2d;
import kiln.model.op.ConvGeometry;
import kiln.model.op.Embedding;
import kiln.model.op.MatMul;
import kiln.model.op.Ops;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.plan.Scratch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who does an operation on a GPU, and what becomes of weights on the way, on the driver for tests. */
class CudaOperationsTest {
  private CudaEngine engine;
  private CudaBackend backend;

  @BeforeEach
  void open() {
    engine = FakeGpu.open();
    backend = new CudaBackend(engine, true);
  }

  @AfterEach
  void close() {
    if (backend != null) {
      backend.close();
    }
  }

  private static TensorType bf16(int... dims) {
    return new TensorType(DType.BF16, Shape.of(dims));
  }

  private static float[] numbers(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = Math.round(random.nextGaussian() * 8) / 8f; // exact as bfloat16
    }
    return numbers;
  }

  /** A convolution and a product behind it, of weights that are float32. */
  private static final class Network {
    final Graph graph = new Graph();
    final Value x = graph.input("x", bf16(1, 4, 4, 3));
    final Value filter = graph.input("filter", TensorType.f32(5, 3, 3, 3));
    final Value weight = graph.input("weight", TensorType.f32(7, 5));
    final Value bias = graph.input("bias", TensorType.f32(7));
    final Value y;

    Network() {
      Value map = graph.apply(new Conv2d(ConvGeometry.square(1, 1)), x, filter);
      y = graph.apply(new MatMul(false, true), Ops.reshape(map, Shape.of(16, 5)), weight, bias);
    }

    /** By the reference, of weights that are {@code factor} times the usual. */
    float[] expected(float factor) {
      try (ReferenceBackend reference = new ReferenceBackend();
          Evaluation evaluation = new Evaluation(graph, reference, List.of(y))) {
        evaluation.set(x, Bfloat16.narrow(numbers(48, 1)));
        return evaluation
            .set(filter, times(factor, numbers(135, 2)))
            .set(weight, times(factor, numbers(35, 3)))
            .set(bias, times(factor, numbers(7, 4)))
            .run()
            .get(y);
      }
    }

    static float[] times(float factor, float... numbers) {
      float[] result = numbers.clone();
      for (int i = 0; i < result.length; i++) {
        result[i] *= factor;
      }
      return result;
    }

    PlanBuilder builder(CudaBackend backend, Arena arena) {
      return new PlanBuilder(graph, backend)
          .output(x)
          .output(y)
          .bind(filter, arena.allocateFrom(ValueLayout.JAVA_FLOAT, numbers(135, 2)))
          .bind(weight, arena.allocateFrom(ValueLayout.JAVA_FLOAT, numbers(35, 3)))
          .bind(bias, arena.allocateFrom(ValueLayout.JAVA_FLOAT, numbers(7, 4)));
    }

    PlanBuilder withConstants(CudaBackend backend, Arena arena) {
      return builder(backend, arena).constant(filter).constant(weight).constant(bias);
    }

    float[] run(Plan plan) {
      plan.buffer(x).segment().copyFrom(MemorySegment.ofArray(Bfloat16.narrow(numbers(48, 1))));
      plan.run();
      return Bfloat16.widen(plan.buffer(y).segment().toArray(ValueLayout.JAVA_SHORT));
    }

    /** Two roundings to bfloat16 apart. */
    static void assertClose(float[] expected, float[] actual) {
      float largest = 0;
      for (float number : expected) {
        largest = Math.max(largest, Math.abs(number));
      }
      assertArrayEquals(expected, actual, largest / 128);
    }
  }

  @Test
  void shouldKeepConstantWeightsAsLibrariesWantThem() {
    Network network = new Network();
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(2 * (135 + 35 + 7), network.withConstants(backend, arena).outline().kept());
      try (Plan plan = network.withConstants(backend, arena).build()) {
        float[] first = network.run(plan);
        Network.assertClose(network.expected(1), first);
        for (int run = 0; run < 3; run++) {
          assertArrayEquals(first, network.run(plan), "run " + run);
        }
      }
    }
  }

  @Test
  void shouldReadTheNarrowCopyOfWeightsThatSomebodyKeeps() {
    Network network = new Network();
    try (Arena arena = Arena.ofConfined();
        DeviceRegion copies = engine.pool().allocate("copies", 2048, engine.stream())) {
      PlanBuilder builder = network.builder(backend, arena);
      long used = 0;
      for (Value value : List.of(network.filter, network.weight, network.bias)) {
        int n = (int) value.shape().elements();
        float[] doubled = Network.times(2, numbers(n, value == network.filter ? 2 : value == network.weight ? 3 : 4));
        MemorySegment place = copies.slice(used, 2L * n).segment();
        used += 512;
        backend.memory().copy(arena.allocateFrom(ValueLayout.JAVA_SHORT, Bfloat16.narrow(doubled)), place);
        builder.narrow(value, place);
      }
      try (Plan plan = builder.build()) {
        Network.assertClose(network.expected(2), network.run(plan));
      }
    }
  }

  @Test
  void shouldNameTheOperationAndTypesThatHaveNoKernel() {
    Graph graph = new Graph();
    Value x = graph.input("x", TensorType.i32(1, 4, 4, 3));
    Value filter = graph.input("filter", TensorType.f32(5, 3, 3, 3));
    Value y = graph.apply(new Conv2d(ConvGeometry.square(1, 1)), x, filter);
    var e = assertThrows(IllegalArgumentException.class, () -> new Evaluation(graph, backend, List.of(y)));
    assertTrue(e.getMessage().startsWith("Conv2d[") && e.getMessage().contains("i32[1, 4, 4, 3]"), e.getMessage());
  }

  @Test
  void shouldSayWhoComputesAttention() {
    assertEquals("cuDNN, engine", attention(bf16(2, 5, 32)).substring(0, 13));
    for (TensorType other : List.of(bf16(2, 5, 24), TensorType.f32(2, 5, 32))) { // heads of 12, and of float32
      String text = attention(other);
      assertTrue(text.contains("kiln_attention_softmax") && text.contains("cuBLASLt"), text);
    }
  }

  private String attention(TensorType type) {
    Buffer logarithms = new Buffer(TensorType.f32(2, 2, 5));
    Buffer x = new Buffer(type);
    try (Launch launch =
        backend.prepare(
            new Attention(2, 1, false, false), List.of(x, x, x), List.of(new Buffer(type), logarithms), new Scratch())) {
      return launch.toString();
    }
  }

  /** The reset shows in the third run: what one plan has found is not laid at the next run's door. */
  @Test
  void shouldNameABadIndexOnce() {
    Graph graph = new Graph();
    Value table = graph.input("table", TensorType.f32(3, 2));
    Value ids = graph.input("ids", TensorType.i32(4));
    Value y = graph.apply(new Embedding(-1), table, ids);
    try (Evaluation evaluation = new Evaluation(graph, backend, List.of(y))) {
      evaluation.set(table, 1f, 2f, 3f, 4f, 5f, 6f).set(ids, 0, 1, 2, 0).run();
      evaluation.set(ids, 0, 1, 7, 9);
      var e = assertThrows(IndexOutOfBoundsException.class, evaluation::run);
      assertTrue(e.getMessage().endsWith(": expected indices below 3, found another at 2"), e.getMessage());
      assertArrayEquals(new float[] {5, 6, 1, 2, 3, 4, 1, 2}, evaluation.set(ids, 2, 0, 1, 0).run().get(y));
    }
  }

  @Test
  void shouldKeepEqualConstantsOnce() {
    MemorySegment seven = MemorySegment.ofArray(new int[] {7, 7});
    long first = engine.constant(seven).address();
    assertEquals(first, engine.constant(MemorySegment.ofArray(new int[] {7, 7})).address());
    assertNotEquals(first, engine.constant(MemorySegment.ofArray(new int[] {7, 8})).address());
    assertEquals(engine.badIndex("one").address(), engine.badIndex("one").address());
    assertNotEquals(engine.badIndex("one").address(), engine.badIndex("another").address());
  }
}
