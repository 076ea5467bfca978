package kiln.model.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kiln.model.Backends;
import kiln.model.Evaluation;
import kiln.model.autodiff.Autodiff;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A kernel that says that it may write over an input gives the same bits when it does. */
final class OverwritingTest {
  /** Beside the usual cases (of which the shim, being slow, has one for every operation) some that are worth several threads. */
  private static List<OpCase> cases(String backend) {
    List<OpCase> usual = Stream.of(OpCases.all(), MapOpCases.all()).flatMap(List::stream).toList();
    if (backend.equals("cuda-shim")) {
      Map<String, OpCase> one = new LinkedHashMap<>();
      usual.forEach(c -> one.putIfAbsent(c.op().getClass() + " " + c.feeds().stream().map(f -> f.type().dtype()).toList(), c));
      usual = List.copyOf(one.values());
    }
    List<OpCase> large = new ArrayList<>();
    for (Unary.Function function : Unary.Function.values()) {
      large.add(OpCase.of(new Unary(function), OpCase.f32(301, 97)));
      large.add(OpCase.of(new Unary(function), OpCase.bf16(301, 97)));
    }
    for (Binary.Kind kind : Binary.Kind.values()) {
      large.add(OpCase.of(new Binary(kind), OpCase.f32(301, 97), OpCase.f32(301, 97)));
      large.add(OpCase.of(new Binary(kind), OpCase.bf16(301, 97), OpCase.bf16(301, 97)));
      large.add(OpCase.of(new Binary(kind), OpCase.f32(301, 97), OpCase.f32(97)));
    }
    large.add(OpCase.of(new Geglu(), OpCase.f32(301, 194)));
    large.add(OpCase.of(new Geglu(), OpCase.bf16(301, 194)));
    large.add(OpCase.of(new LayerNorm(1e-5f), OpCase.f32(301, 97), OpCase.f32(97), OpCase.f32(97)));
    large.add(OpCase.of(new LayerNorm(1e-5f), OpCase.bf16(301, 97), OpCase.f32(97), OpCase.f32(97)));
    large.add(OpCase.of(new RmsNorm(1e-5f), OpCase.f32(301, 97), OpCase.f32(97)));
    large.add(OpCase.of(new RmsNorm(1e-5f), OpCase.bf16(301, 97), OpCase.f32(97)));
    large.add(OpCase.of(new Softmax(false), OpCase.f32(301, 97)));
    large.addAll(0, usual);
    return large;
  }

  /** An operation and its gradient between copies, so that what it reads may end with it. */
  private static final class Job {
    private final OpCase.Traced traced;
    private final List<Value> results = new ArrayList<>();
    private final Value factors;

    Job(OpCase c) {
      traced = new OpCase.Traced(c);
      Graph graph = traced.graph;
      List<Value> copies = traced.inputs.stream().map(Job::copy).toList();
      Value out = graph.apply(c.op(), copies).getFirst();
      factors = graph.input("factors", TensorType.f32(out.shape()));
      results.add(copy(out));
      if (out.type().dtype().isFloat()) {
        Value products = Ops.mul(Ops.cast(out, DType.F32), factors);
        Value loss = Ops.reshape(Ops.sum(products, 0, out.shape().rank()), Shape.SCALAR);
        List<Value> targets = copies.stream().filter(v -> v.type().dtype().isFloat()).toList();
        results.addAll(Autodiff.gradients(loss, targets).values());
      }
    }

    private static Value copy(Value x) {
      return x.type().dtype().isFloat() && x.shape().rank() > 0 ? Ops.slice(x, 0, 0, x.shape().dim(0)) : x;
    }

    /** The results, planned with all of {@code kept} in places of their own. */
    List<float[]> evaluate(Backend backend, Iterable<Value> kept) {
      float[] r = new float[Math.toIntExact(factors.shape().elements())];
      for (int i = 0; i < r.length; i++) {
        r[i] = (float) Math.sin(i + 1);
      }
      try (Evaluation evaluation = new Evaluation(traced.graph, backend, kept)) {
        traced.bind(evaluation);
        evaluation.set(factors, r).run();
        return results.stream().filter(v -> v.type().dtype().isFloat()).map(evaluation::get).toList();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu", "cuda-shim"})
  void shouldGiveTheSameBitsInPlace(String name) {
    Set<String> seen = new TreeSet<>();
    try (Backend backend = Backends.open(name)) {
      for (OpCase c : cases(name)) {
        Job job = new Job(c);
        if (job.traced.graph.nodes().stream().noneMatch(node -> overwrites(backend, node))) {
          continue;
        }
        List<float[]> apart = job.evaluate(backend, job.traced.graph.values());
        List<float[]> inPlace = job.evaluate(backend, job.results);
        for (int i = 0; i < apart.size(); i++) {
          assertArrayEquals(apart.get(i), inPlace.get(i), c + " result " + i);
        }
        job.traced.graph.nodes().stream().filter(node -> overwrites(backend, node)).forEach(node -> seen.add(kind(node)));
      }
    }
    assertTrue(seen.containsAll(Set.of("Affine", "Binary", "Clamp", "ClampGrad", "GegluGrad", "Unary", "UnaryGrad")), seen::toString);
  }

  private static String kind(Node node) {
    return node.op().getClass().getSimpleName();
  }

  private static boolean overwrites(Backend backend, Node node) {
    return IntStream.range(0, node.inputs().size())
        .anyMatch(k -> node.input(k).type().equals(node.output(0).type()) && backend.mayOverwrite((Op) node.op(), k));
  }
}
