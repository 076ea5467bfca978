package kiln.model.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.NativeLibraries;
import kiln.model.Evaluation;
import kiln.model.backend.KernelCases;
import kiln.model.backend.KernelCases.Case;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.op.CrossEntropy;
import kiln.model.op.Embedding;
import kiln.model.op.EmbeddingGrad;
import kiln.model.op.MatMul;
import kiln.model.op.Op;
import kiln.model.op.Softmax;
import kiln.model.op.Unary;
import kiln.model.plan.Backend;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kiln's own kernels against the reference. */
class NativeKernelsTest {
  /** Only what this package's own kernels can do. */
  private static final class NativeBackend implements Backend {
    @Override
    public String name() {
      return "native";
    }

    @Override
    public Launch prepare(Op op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
      return NativeKernels.prepare(op, inputs, outputs, scratch);
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @MethodSource("kiln.model.backend.KernelCases#all")
  void shouldAgreeWithTheReference(Case c) {
    List<float[]> expected = KernelCases.run(c, new ReferenceBackend());
    List<float[]> actual = KernelCases.run(c, new NativeBackend());
    for (int i = 0; i < expected.size(); i++) {
      KernelCases.assertClose(expected.get(i), actual.get(i), c + " output " + i);
    }
  }

  @Test
  void shouldGiveTheSameBitsWhateverTheNumberOfThreads() throws Throwable {
    SymbolLookup openMp = SymbolLookup.libraryLookup(NativeLibraries.loadedFrom().resolve("libgomp.so.1"), Arena.global());
    MethodHandle setNumThreads =
        Linker.nativeLinker()
            .downcallHandle(openMp.find("omp_set_num_threads").orElseThrow(), FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    int before = NativeLibraries.numThreads();
    List<Case> cases = new ArrayList<>(KernelCases.norms().filter(c -> c.inputs().getFirst().bytes() > 1 << 16).toList());
    cases.addAll(KernelCases.reductions().filter(c -> c.inputs().getFirst().bytes() > 1 << 16).toList());
    cases.add(new Case(new EmbeddingGrad(38, 5), 38, List.of(KernelCases.i32(1000), KernelCases.f32(1000, 200))));
    TensorType tokens = KernelCases.f32(2, 200, 48);
    TensorType bias = KernelCases.f32(1, 3, 200, 200);
    cases.add(new Case(new Attention(3, 0.2f, true, false), 0, List.of(tokens, tokens, tokens, bias)));
    TensorType[] forward = {tokens, tokens, tokens, bias, tokens, KernelCases.f32(2, 3, 200), tokens};
    cases.add(new Case(new AttentionGrad(3, 0.2f, true, false), 0, List.of(forward)));
    try {
      for (Case c : cases) {
        setNumThreads.invokeExact(1);
        List<float[]> one = KernelCases.run(c, new NativeBackend());
        setNumThreads.invokeExact(3);
        List<float[]> three = KernelCases.run(c, new NativeBackend());
        for (int i = 0; i < one.size(); i++) {
          assertArrayEquals(one.get(i), three.get(i), c.toString());
        }
      }
    } finally {
      setNumThreads.invokeExact(before);
    }
  }

  @Test
  void shouldKeepToTheLimitsOfFloat32() {
    float inf = Float.POSITIVE_INFINITY;
    assertUnary(Unary.Function.EXP, new float[] {-inf, -200, -88, 0, 100, inf, Float.NaN}, 0, 0, 0, 1, inf, inf, Float.NaN);
    assertUnary(Unary.Function.SIGMOID, new float[] {-inf, -200, 0, 200, inf, Float.NaN}, 0, 0, 0.5f, 1, 1, Float.NaN);
    assertUnary(Unary.Function.TANH, new float[] {-inf, -50, -1e-20f, 0, 50, Float.NaN}, -1, -1, -1e-20f, 0, 1, Float.NaN);
    assertUnary(Unary.Function.SILU, new float[] {-200, 0, 200}, 0, 0, 200);
    assertUnary(Unary.Function.GELU, new float[] {-1e20f, -40, 0, 40, 1e20f}, 0, 0, 0, 40, 1e20f);
    assertUnary(Unary.Function.GELU_TANH, new float[] {-40, 0, 40}, 0, 0, 40);
  }

  private static void assertUnary(Unary.Function function, float[] x, float... expected) {
    Graph graph = new Graph();
    Value input = graph.input("x", KernelCases.f32(x.length));
    Value output = graph.apply(new Unary(function), input);
    try (Evaluation evaluation = new Evaluation(graph, new NativeBackend(), List.of(output))) {
      float[] actual = evaluation.set(input, x).run().get(output);
      for (int i = 0; i < x.length; i++) {
        assertEquals(expected[i], actual[i] + 0.0f, function + " of " + x[i]);
      }
    }
  }

  @Test
  void shouldGiveNoProbabilityToMinusInfinityAndSurviveLargeLogits() {
    Graph graph = new Graph();
    Value input = graph.input("x", KernelCases.f32(2, 3));
    Value output = graph.apply(new Softmax(false), input);
    try (Evaluation evaluation = new Evaluation(graph, new NativeBackend(), List.of(output))) {
      float[] y = evaluation.set(input, 1e30f, Float.NEGATIVE_INFINITY, 1e30f, -1e30f, 0, -1e30f).run().get(output);
      assertArrayEquals(new float[] {0.5f, 0, 0.5f, 0, 1, 0}, y);
    }
  }

  @Test
  void shouldNameAnIndexThatIsOutOfRange() {
    Case c = new Case(new Embedding(-1), 40, List.of(KernelCases.f32(31, 2), KernelCases.i32(100)));
    Exception thrown = assertThrows(IndexOutOfBoundsException.class, () -> KernelCases.run(c, new NativeBackend()));
    assertTrue(thrown.getMessage().contains("expected indices below 31, found 3"), thrown.getMessage());
    Case labels = new Case(new CrossEntropy(-100, 0, CrossEntropy.Reduction.MEAN), 40, List.of(KernelCases.f32(100, 31), KernelCases.i32(100)));
    assertThrows(IndexOutOfBoundsException.class, () -> KernelCases.run(labels, new NativeBackend()));
  }

  @Test
  void shouldNameWhatHasNoKernel() {
    Case c = KernelCases.of(new MatMul(false, false), KernelCases.f32(2, 3), KernelCases.f32(3, 4));
    Exception thrown = assertThrows(IllegalArgumentException.class, () -> KernelCases.run(c, new NativeBackend()));
    assertTrue(thrown.getMessage().startsWith("MatMul[transposeA=false"), thrown.getMessage());
    Case mixed = KernelCases.of(new Unary(Unary.Function.EXP), KernelCases.f32(2));
    List<Buffer> integers = List.of(new Buffer(KernelCases.i32(2)));
    assertThrows(
        IllegalArgumentException.class, () -> NativeKernels.prepare(mixed.op(), integers, List.of(new Buffer(KernelCases.f32(2))), null));
  }
}
