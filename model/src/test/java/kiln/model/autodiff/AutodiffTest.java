package kiln.model.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import kiln.model.Evaluation;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.Graph;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Ops;
import kiln.model.op.Softmax;
import kiln.model.op.Unary;
import kiln.model.op.WeightedMse;
import org.junit.jupiter.api.Test;

final class AutodiffTest {
  private final Graph graph = new Graph();

  private static Value total(Value x) {
    return Ops.reshape(Ops.sum(x, 0, x.shape().rank()), Shape.SCALAR);
  }

  private static Value sumOfSquares(Value x) {
    return total(Ops.unary(Unary.Function.SQUARE, x));
  }

  private Evaluation evaluation(Value... outputs) {
    return new Evaluation(graph, new ReferenceBackend(), List.of(outputs));
  }

  @Test
  void shouldSumTheGradientsOfEveryUseOfAParameter() {
    Parameter shared = new Parameter("w", Shape.of(2), Initializer.ONES);
    Value x = graph.input("x", TensorType.f32(2));
    Value once = Ops.mul(x, graph.parameter(shared));
    Value twice = Ops.mul(once, graph.parameter(shared));
    Value w = graph.parameter(shared);
    Value gradient = Autodiff.gradients(total(twice), List.of(w)).get(w);
    try (Evaluation e = evaluation(gradient)) {
      e.set(x, 3f, 5f).set(w, 2f, -1f).run();
      assertArrayEquals(new float[] {12, -10}, e.get(gradient), "d(x·w²)/dw = 2·x·w");
    }
  }

  @Test
  void shouldGiveZerosForATargetThatTheLossDoesNotUse() {
    Value x = graph.input("x", TensorType.f32(2));
    Value unused = graph.input("unused", TensorType.f32(2, 3));
    Map<Value, Value> gradients = Autodiff.gradients(sumOfSquares(x), List.of(x, unused));
    assertEquals(unused.shape(), gradients.get(unused).shape());
    try (Evaluation e = evaluation(gradients.get(x), gradients.get(unused))) {
      e.set(x, 1f, -2f).run();
      assertArrayEquals(new float[] {2, -4}, e.get(gradients.get(x)));
      assertArrayEquals(new float[6], e.get(gradients.get(unused)));
    }
  }

  @Test
  void shouldDifferentiateWithRespectToAnIntermediate() {
    Value x = graph.input("x", TensorType.f32(2));
    Value h = Ops.scale(x, 3);
    Map<Value, Value> gradients = Autodiff.gradients(sumOfSquares(Ops.add(h, x)), List.of(h, x));
    try (Evaluation e = evaluation(gradients.get(h), gradients.get(x))) {
      e.set(x, 1f, 2f).run();
      assertArrayEquals(new float[] {8, 16}, e.get(gradients.get(h)), "2·(h + x) with h = 3·x");
      assertArrayEquals(new float[] {32, 64}, e.get(gradients.get(x)), "through h and directly: 2·(3x + x)·(3 + 1)");
    }
  }

  @Test
  void shouldDifferentiateGradientsAgain() {
    Value x = graph.input("x", TensorType.f32(2));
    Value first = Autodiff.gradients(total(Ops.mul(Ops.mul(x, x), x)), List.of(x)).get(x);
    Value second = Autodiff.gradients(total(first), List.of(x)).get(x);
    try (Evaluation e = evaluation(first, second)) {
      e.set(x, 2f, -1f).run();
      assertArrayEquals(new float[] {12, 3}, e.get(first));
      assertArrayEquals(new float[] {12, -6}, e.get(second));
    }
  }

  @Test
  void shouldTraceGradientsUnderTheScopeOfTheirLayer() {
    Value x = graph.input("x", TensorType.f32(2));
    Value y = graph.scoped("block", () -> Ops.unary(Unary.Function.SILU, x));
    Autodiff.gradients(sumOfSquares(y), List.of(x));
    assertTrue(graph.nodes().stream().anyMatch(node -> node.scope().equals("block'")));
  }

  @Test
  void shouldRefuseALossThatIsNotAScalar() {
    Value x = graph.input("x", TensorType.f32(2));
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Autodiff.gradients(x, List.of(x)));
    assertTrue(e.getMessage().contains("scalar"), e.getMessage());
  }

  @Test
  void shouldRefuseWhatHasNoGradientRule() {
    Value x = graph.input("x", TensorType.f32(2));
    Value target = graph.input("target", TensorType.f32(2));
    Value weight = graph.input("weight", TensorType.f32(2));
    Value errors = graph.apply(new WeightedMse(), List.of(x, target, weight)).get(1);
    assertThrows(IllegalStateException.class, () -> Autodiff.gradients(sumOfSquares(errors), List.of(x)));
    Value y = graph.apply(new Softmax(false), x);
    Value first = Autodiff.gradients(sumOfSquares(y), List.of(x)).get(x);
    assertThrows(IllegalStateException.class, () -> Autodiff.gradients(sumOfSquares(first), List.of(x)));
  }
}
