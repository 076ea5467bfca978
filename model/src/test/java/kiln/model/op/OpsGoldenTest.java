package kiln.model.op;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.stream.Stream;
import kiln.model.Backends;
import kiln.model.plan.Backend;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Every operation against PyTorch, forward and backward, on every backend; the list of cases is the file's. */
final class OpsGoldenTest {
  @TestFactory
  Stream<DynamicTest> shouldAgreeWithPublishedValues() {
    JsonNode cases = GoldenOp.cases();
    assertFalse(cases.isEmpty());
    return Backends.withShim().stream()
        .flatMap(backend -> cases.propertyStream()
            .map(c -> DynamicTest.dynamicTest(backend + " " + c.getKey(), () -> check(backend, c.getKey(), c.getValue()))));
  }

  private static void check(String backendName, String name, JsonNode node) {
    try (Backend backend = Backends.open(backendName)) {
      GoldenOp.check(name, node, backend);
    }
  }
}
