package kiln.model.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kiln.model.Backends;
import kiln.model.Evaluation;
import kiln.model.Tolerances;
import kiln.model.autodiff.Autodiff;
import kiln.model.graph.DType;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every backend against {@code reference}, operation by operation, forward and backward, at awkward sizes; and against itself:
 * a second run gives the same bits, and inputs may move between runs, to places without alignment.
 */
final class BackendAgreementTest {
  private static final double OUTPUT_TOLERANCE = 2e-5;
  private static final double GRADIENT_TOLERANCE = 1e-4;

  /** Two roundings to bfloat16's 8 bits apart: sums in another order may fall on the other side of one. */
  private static final double NARROW_TOLERANCE = 0x1p-7;

  /** A case with its gradients, if it has any, as one graph. */
  private static final class Job {
    final OpCase.Traced traced;
    final List<Value> outputs;
    final List<Value> gradients = new ArrayList<>();
    final Value weights;
    final float[] r;

    Job(OpCase c) {
      traced = new OpCase.Traced(c);
      outputs = traced.outputs;
      Value out = outputs.getFirst();
      weights = traced.graph.input("R", TensorType.f32(out.shape()));
      r = new float[Math.toIntExact(out.shape().elements())];
      Random random = new Random(23);
      for (int i = 0; i < r.length; i++) {
        r[i] = (float) random.nextGaussian();
      }
      if (out.type().dtype().isFloat()) {
        Value wide = Ops.cast(out, DType.F32);
        Value loss = Ops.reshape(Ops.sum(Ops.mul(wide, weights), 0, out.shape().rank()), Shape.SCALAR);
        gradients.addAll(Autodiff.gradients(loss, traced.differentiable()).values());
      }
    }

    Set<Value> all() {
      Set<Value> all = new java.util.LinkedHashSet<>(outputs);
      all.addAll(gradients);
      return all;
    }

    Evaluation evaluate(Backend backend) {
      Evaluation evaluation = new Evaluation(traced.graph, backend, all());
      traced.bind(evaluation);
      return evaluation.set(weights, r).run();
    }
  }

  @Test
  void shouldCoverEveryOperation() {
    Set<Class<?>> seen = new HashSet<>();
    for (OpCase c : OpCases.all()) {
      new Job(c).traced.graph.nodes().stream().map(Node::op).forEach(op -> seen.add(op.getClass()));
    }
    Set<String> missing = new TreeSet<>();
    for (Class<?> op : Op.class.getPermittedSubclasses()) {
      if (!seen.contains(op)) {
        missing.add(op.getSimpleName());
      }
    }
    assertEquals(Set.of(), missing, "operations without a case");
  }

  @TestFactory
  Stream<DynamicTest> shouldAgreeWithTheReference() {
    return Backends.withFakeGpu().stream()
        .filter(name -> !name.equals("reference"))
        .flatMap(name -> cases(name).stream().map(c -> DynamicTest.dynamicTest(name + " " + c, () -> compare(name, c))));
  }

  /** All; of the CUDA backend, whose own kernels the shim runs, only one for every operation that it leaves to no library. */
  private static List<OpCase> cases(String name) {
    if (!name.equals("cuda")) {
      return OpCases.all();
    }
    Map<String, OpCase> cases = new LinkedHashMap<>();
    for (OpCase c : OpCases.all()) {
      boolean library = c.op() instanceof Conv2d || c.op() instanceof Conv2dInputGrad || c.op() instanceof MatMul;
      library |= c.op() instanceof Attention;
      cases.putIfAbsent(library ? c.toString() : c.op().getClass() + " " + c.feeds().stream().map(f -> f.type().dtype()).toList(), c);
    }
    return List.copyOf(cases.values());
  }

  private static void compare(String name, OpCase c) {
    Job job = new Job(c);
    try (Arena arena = Arena.ofConfined();
        Backend reference = Backends.open("reference");
        Backend backend = Backends.open(name);
        Evaluation expected = job.evaluate(reference);
        Evaluation actual = job.evaluate(backend)) {
      check(c + " output", job.outputs, actual, expected, OUTPUT_TOLERANCE);
      check(c + " gradient", job.gradients, actual, expected, GRADIENT_TOLERANCE);
      List<byte[]> first = bits(job, actual);
      List<byte[]> second = bits(job, actual.run());
      for (int i = 0; i < first.size(); i++) {
        assertArrayEquals(first.get(i), second.get(i), "bits of the second run, value=" + i);
      }
      job.traced.inputs.forEach(input -> actual.move(input, arena));
      actual.run();
      check(c + " output with moved inputs", job.outputs, actual, expected, OUTPUT_TOLERANCE);
      check(c + " gradient with moved inputs", job.gradients, actual, expected, GRADIENT_TOLERANCE);
    }
  }

  private static void check(String what, Collection<Value> values, Evaluation actual, Evaluation expected, double tolerance) {
    int i = 0;
    boolean narrow = what.contains("bf16");
    for (Value value : values) {
      String name = what + " " + i++;
      if (value.type().dtype().isFloat()) {
        double bound = value.type().dtype() == DType.BF16 || narrow ? NARROW_TOLERANCE : tolerance;
        float[] wanted = expected.get(value);
        double scale = 1;
        for (float element : wanted) {
          scale = Math.max(scale, Math.abs(element));
        }
        Tolerances.checkAbsolute(name, bound * scale, actual.get(value), wanted);
      } else {
        assertArrayEquals(expected.getInts(value), actual.getInts(value), name);
      }
    }
  }

  private static List<byte[]> bits(Job job, Evaluation evaluation) {
    return job.all().stream().map(evaluation::getBytes).toList();
  }
}
