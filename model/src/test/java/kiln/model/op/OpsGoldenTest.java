package kiln.model.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.model.Backends;
import kiln.model.Evaluation;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.Tolerances;
import kiln.model.autodiff.Autodiff;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Every operation against PyTorch, forward and backward, on every backend; the list of cases is the file's. */
final class OpsGoldenTest {
  /** The bound of outputs that tolerances.json gives most cases, for those without gradients, which it leaves out. */
  private static final double OUTPUT_RTOL = 3e-5;

  private final Tolerances tolerances = Golden.tolerances();

  @TestFactory
  Stream<DynamicTest> shouldAgreeWithPublishedValues() {
    JsonNode cases = Golden.json("ops/ops.json").required("cases");
    assertFalse(cases.isEmpty());
    return Backends.withShim().stream()
        .flatMap(backend -> cases.propertyStream()
            .map(c -> DynamicTest.dynamicTest(backend + " " + c.getKey(), () -> check(backend, c.getKey(), c.getValue()))));
  }

  private void check(String backendName, String name, JsonNode node) {
    GoldenOp op = new GoldenOp(node);
    try (Backend backend = Backends.open(backendName);
        GoldenTensors tensors = Golden.tensors("ops/ops.safetensors")) {
      assertEquals(op.shape("out"), op.out.shape());
      if (op.floatInputs.isEmpty()) {
        try (Evaluation evaluation = new Evaluation(op.graph, backend, List.of(op.out))) {
          bind(evaluation, op, name, tensors);
          float[] actual = evaluation.run().get(op.out);
          Tolerances.checkRelative(name + " out", OUTPUT_RTOL, actual, tensors.floats(name + ".out"));
        }
        return;
      }
      Value weights = op.graph.input("R", TensorType.f32(op.shape("R")));
      Value loss = Ops.reshape(Ops.sum(Ops.mul(op.out, weights), 0, op.out.shape().rank()), Shape.SCALAR);
      Map<String, Value> results = new LinkedHashMap<>(Map.of("out", op.out));
      Map<Value, Value> gradients = Autodiff.gradients(loss, op.floatInputs.values());
      op.floatInputs.forEach((input, value) -> results.put("grad." + input, gradients.get(value)));
      try (Evaluation evaluation = new Evaluation(op.graph, backend, new ArrayList<>(results.values()))) {
        bind(evaluation, op, name, tensors);
        evaluation.set(weights, tensors.floats(name + ".R"));
        evaluation.run();
        results.forEach((tensor, value) -> {
          float[] expected = tensors.floats(name + "." + tensor);
          assertEquals(tensors.shape(name + "." + tensor), value.shape(), tensor);
          tolerances.check("ops." + name, tensor, evaluation.get(value), expected, tensor.startsWith("grad."));
        });
      }
    }
  }

  private static void bind(Evaluation evaluation, GoldenOp op, String name, GoldenTensors tensors) {
    op.floatInputs.forEach((input, value) -> evaluation.set(value, tensors.floats(name + "." + input)));
    op.intInputs.forEach((input, value) -> evaluation.set(value, tensors.ints(name + "." + input)));
  }
}
