package kiln.model.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kiln.model.Evaluation;
import kiln.model.autodiff.Autodiff;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every gradient rule against central differences of its operation. */
final class FiniteDifferencesTest {
  private static final float STEP = 1e-2f;
  private static final double TOLERANCE = 2e-3;

  /** Larger inputs are left to the comparison of backends: every element costs two runs. */
  private static final long MAX_ELEMENTS = 200;

  /** Operations that only appear in gradients; the operation whose gradient they are is what is differentiated. */
  private static final Set<Class<?>> GRADIENT_ONLY =
      Set.of(
          AttentionGrad.class,
          AvgPool2dGrad.class,
          ClampGrad.class,
          Conv2dWeightGrad.class,
          CrossEntropyGrad.class,
          EmbeddingGrad.class,
          GegluGrad.class,
          GroupNormGrad.class,
          LayerNormGrad.class,
          RelativePositionBiasGrad.class,
          RmsNormGrad.class,
          SoftmaxGrad.class,
          UnaryGrad.class,
          UpsampleNearestGrad.class,
          WeightedMseGrad.class);

  /** Operations of integers, of nothing, or that are never differentiated. */
  private static final Set<Class<?>> NOT_DIFFERENTIABLE = Set.of(CausalMask.class, Fill.class, SelectRows.class, TimestepEmbedding.class);

  @Test
  void shouldKnowEveryOperation() {
    Set<Class<?>> covered = cases().map(c -> c.op().getClass()).collect(Collectors.toSet());
    Set<String> missing = new TreeSet<>();
    for (Class<?> op : Op.class.getPermittedSubclasses()) {
      if (!covered.contains(op) && !GRADIENT_ONLY.contains(op) && !NOT_DIFFERENTIABLE.contains(op)) {
        missing.add(op.getSimpleName());
      }
    }
    assertEquals(Set.of(), missing, "operations without finite differences");
  }

  @TestFactory
  Stream<DynamicTest> shouldAgreeWithFiniteDifferences() {
    return cases().map(c -> DynamicTest.dynamicTest(c.toString(), () -> check(c)));
  }

  private static Stream<OpCase> cases() {
    return OpCases.all().stream()
        .filter(OpCase::smooth)
        .filter(c -> !NOT_DIFFERENTIABLE.contains(c.op().getClass()))
        .filter(c -> c.feeds().stream().anyMatch(feed -> feed.type().dtype() == DType.F32))
        .filter(c -> c.feeds().stream().noneMatch(feed -> feed.type().dtype() == DType.BF16)) // its steps are too coarse
        .filter(c -> c.feeds().stream().mapToLong(feed -> feed.type().shape().elements()).sum() <= MAX_ELEMENTS);
  }

  private static void check(OpCase c) {
    OpCase.Traced traced = new OpCase.Traced(c);
    Value out = traced.outputs.getFirst();
    Value weights = traced.graph.input("R", TensorType.f32(out.shape()));
    Value loss = Ops.reshape(Ops.sum(Ops.mul(out, weights), 0, out.shape().rank()), Shape.SCALAR);
    float[] r = new float[Math.toIntExact(out.shape().elements())];
    Random random = new Random(17);
    for (int i = 0; i < r.length; i++) {
      r[i] = (float) random.nextGaussian();
    }
    Map<Value, Value> gradients = Autodiff.gradients(loss, traced.differentiable());
    try (ReferenceBackend backend = new ReferenceBackend();
        Evaluation backward = new Evaluation(traced.graph, backend, gradients.values());
        Evaluation forward = new Evaluation(traced.graph, backend, List.of(out))) {
      traced.bind(backward);
      backward.set(weights, r);
      backward.run();
      traced.bind(forward);
      for (int i = 0; i < traced.inputs.size(); i++) {
        Value input = traced.inputs.get(i);
        if (traced.values.get(i) instanceof float[] values) {
          float[] expected = differences(forward, input, values, out, r);
          compare(c + " input " + i, backward.get(gradients.get(input)), expected);
        }
      }
    }
  }

  private static float[] differences(Evaluation forward, Value input, float[] values, Value out, float[] r) {
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      float[] moved = values.clone();
      moved[i] = values[i] + STEP;
      double above = dot(forward.set(input, moved).run().get(out), r);
      double up = moved[i];
      moved[i] = values[i] - STEP;
      double below = dot(forward.set(input, moved).run().get(out), r);
      result[i] = (float) ((above - below) / (up - moved[i]));
    }
    forward.set(input, values);
    return result;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static void compare(String what, float[] actual, float[] expected) {
    double scale = 1;
    for (float value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * scale)) {
        String found = ": gradient=" + actual[i] + " difference=" + expected[i];
        throw new AssertionError(what + " at index=" + i + found + " of " + Arrays.toString(expected));
      }
    }
  }
}
