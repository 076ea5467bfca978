package kiln.model.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kiln.model.Evaluation;
import kiln.model.backend.KernelCases;
import kiln.model.backend.KernelCases.Case;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Attention;
import kiln.model.op.CrossEntropy;
import kiln.model.op.CrossEntropyGrad;
import kiln.model.op.Embedding;
import kiln.model.op.EmbeddingGrad;
import kiln.model.op.GroupNorm;
import kiln.model.op.Softmax;
import kiln.model.op.Sum;
import kiln.model.op.Unary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The CUDA kernels on the shim against the reference, float32; bfloat16 is BackendAgreementTest's. */
class CudaKernelsTest {
  /** Beside the usual cases, what blocks of 256 threads are cut by, and attention of several samples. */
  static Stream<Case> cases() {
    TensorType tokens = KernelCases.f32(3, 37, 10);
    List<Case> more = new ArrayList<>();
    more.add(KernelCases.of(new Sum(1, 2), KernelCases.f32(1, 2, 1028)));
    more.add(KernelCases.of(new Sum(1, 2), KernelCases.f32(2, 17, 1031)));
    more.add(KernelCases.of(new Sum(0, 1), KernelCases.f32(8193)));
    more.add(new Case(new EmbeddingGrad(7, 2), 7, List.of(KernelCases.i32(700), KernelCases.f32(700, 300))));
    for (int batch : new int[] {1, 3}) {
      TensorType bias = KernelCases.f32(batch, 2, 37, 37);
      more.add(KernelCases.of(new Attention(2, 0.4f, true, true), tokens, tokens, tokens, bias, KernelCases.i32(3, 1, 1, 37)));
    }
    return Stream.concat(KernelCases.all(), more.stream());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldAgreeWithTheReferenceWhateverTheOrderOfThreadsAndTheNumberOfBlocks(Case c) {
    List<float[]> expected = KernelCases.run(c, new ReferenceBackend());
    List<float[]> actual = KernelCases.run(c, new ShimBackend(false, 3, 1));
    List<float[]> reversed = KernelCases.run(c, new ShimBackend(true, Integer.MAX_VALUE, 1 << 24));
    for (int i = 0; i < expected.size(); i++) {
      KernelCases.assertClose(expected.get(i), actual.get(i), c + " output " + i);
      assertArrayEquals(actual.get(i), reversed.get(i), c + " output " + i + " in reverse order, with all blocks");
    }
  }

  @Test
  void shouldKeepToTheLimitsOfFloat32() {
    float inf = Float.POSITIVE_INFINITY;
    assertUnary(Unary.Function.EXP, new float[] {-inf, -200, 0, 100, inf, Float.NaN}, 0, 0, 1, inf, inf, Float.NaN);
    assertUnary(Unary.Function.SIGMOID, new float[] {-inf, -200, 0, 200, inf, Float.NaN}, 0, 0, 0.5f, 1, 1, Float.NaN);
    assertUnary(Unary.Function.TANH, new float[] {-inf, -50, -1e-20f, 0, 50, Float.NaN}, -1, -1, -1e-20f, 0, 1, Float.NaN);
    assertUnary(Unary.Function.SILU, new float[] {-200, 0, 200, Float.NaN}, 0, 0, 200, Float.NaN);
    assertUnary(Unary.Function.GELU, new float[] {-1e20f, -40, 0, 40, 1e20f}, 0, 0, 0, 40, 1e20f);
    assertUnary(Unary.Function.GELU_TANH, new float[] {-40, 0, 40}, 0, 0, 40);
    assertUnary(Unary.Function.RELU, new float[] {-1, 0, 1, Float.NaN}, 0, 0, 1, Float.NaN);
  }

  private static void assertUnary(Unary.Function function, float[] x, float... expected) {
    Graph graph = new Graph();
    Value input = graph.input("x", KernelCases.f32(x.length));
    Value output = graph.apply(new Unary(function), input);
    float[] actual = run(graph, input, output, x);
    for (int i = 0; i < x.length; i++) {
      assertEquals(expected[i], actual[i] + 0.0f, function + " of " + x[i]);
    }
  }

  private static float[] run(Graph graph, Value input, Value output, float... x) {
    try (ShimBackend backend = new ShimBackend();
        Evaluation evaluation = new Evaluation(graph, backend, List.of(output))) {
      return evaluation.set(input, x).run().get(output);
    }
  }

  @Test
  void shouldGiveNoProbabilityToMinusInfinityAndSurviveLargeLogits() {
    Graph graph = new Graph();
    Value input = graph.input("x", KernelCases.f32(2, 3));
    Value output = graph.apply(new Softmax(false), input);
    float[] y = run(graph, input, output, 1e30f, Float.NEGATIVE_INFINITY, 1e30f, -1e30f, 0, -1e30f);
    assertArrayEquals(new float[] {0.5f, 0, 0.5f, 0, 1, 0}, y);
  }

  /** A large mean with a small spread, where a sum of squares would cancel. */
  @Test
  void shouldMeasureTheSpreadAroundALargeMean() {
    Graph graph = new Graph();
    Value input = graph.input("x", KernelCases.f32(1, 500, 4));
    Value weight = graph.input("weight", KernelCases.f32(4));
    Value bias = graph.input("bias", KernelCases.f32(4));
    List<Value> outputs = graph.apply(new GroupNorm(2, 1e-6f, false), List.of(input, weight, bias));
    float[] x = new float[2000];
    for (int i = 0; i < x.length; i++) {
      x[i] = 4096 + (i * 7919 % 64) / 64f;
    }
    try (ShimBackend backend = new ShimBackend();
        ReferenceBackend reference = new ReferenceBackend();
        Evaluation actual = new Evaluation(graph, backend, outputs);
        Evaluation expected = new Evaluation(graph, reference, outputs)) {
      for (Evaluation evaluation : List.of(actual, expected)) {
        evaluation.set(input, x).set(weight, 1, 1, 1, 1).set(bias, 0, 0, 0, 0).run();
      }
      for (Value output : outputs) {
        assertArrayEquals(expected.get(output), actual.get(output), 2e-3f); // the mean's last bit is 2⁻¹¹
      }
    }
  }

  @Test
  void shouldNameAnIndexThatIsOutOfRange() {
    TensorType ids = KernelCases.i32(100);
    assertNamed(new Case(new Embedding(-1), 40, List.of(KernelCases.f32(31, 2), ids)));
    assertNamed(new Case(new EmbeddingGrad(31, -1), 40, List.of(ids, KernelCases.f32(100, 2))));
    CrossEntropy.Reduction mean = CrossEntropy.Reduction.MEAN;
    assertNamed(new Case(new CrossEntropy(-100, 0, mean), 40, List.of(KernelCases.f32(100, 31), ids)));
    CrossEntropyGrad grad = new CrossEntropyGrad(-100, 0, mean);
    assertNamed(new Case(grad, 40, List.of(KernelCases.f32(100, 31), ids, KernelCases.f32())));
  }

  private static void assertNamed(Case c) {
    Exception thrown = assertThrows(IndexOutOfBoundsException.class, () -> KernelCases.run(c, new ShimBackend()));
    assertTrue(thrown.getMessage().startsWith(c.op() + ": expected indices below 31, found another at "), thrown.getMessage());
  }
}
