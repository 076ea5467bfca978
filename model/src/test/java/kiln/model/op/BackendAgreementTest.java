package kiln.model.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kiln.model.Backends;
import kiln.model.graph.Node;
import kiln.model.plan.Backend;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every backend against {@code reference}, operation by operation, forward and backward, at awkward sizes; and against itself:
 * a second run gives the same bits, and inputs may move between runs, to places without alignment.
 */
final class BackendAgreementTest {
  @Test
  void shouldCoverEveryOperation() {
    Set<Class<?>> seen = new HashSet<>();
    for (OpCase c : OpCases.all()) {
      new OpAgreement.Job(c).traced.graph.nodes().stream().map(Node::op).forEach(op -> seen.add(op.getClass()));
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
      String kind = c.op().getClass() + " " + c.feeds().stream().map(f -> f.type().dtype()).toList();
      cases.putIfAbsent(library ? c.toString() : kind, c);
    }
    return List.copyOf(cases.values());
  }

  private static void compare(String name, OpCase c) {
    try (Backend reference = Backends.open("reference");
        Backend backend = Backends.open(name)) {
      OpAgreement.check(c, reference, backend);
    }
  }
}
