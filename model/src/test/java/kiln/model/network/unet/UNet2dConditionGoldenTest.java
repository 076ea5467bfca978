package kiln.model.network.unet;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import kiln.model.Backends;
import kiln.model.Golden;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.GoldenNetwork;
import kiln.model.op.Ops;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** The UNet against diffusers' UNet2DConditionModel: activations, output and gradients of every case in the folder. */
final class UNet2dConditionGoldenTest {
  private static final String FOLDER = "unet_sd21";
  private static final String NORM_BEFORE_SILU = "conv_norm_out";

  private final UNet2dConditionModel unet =
      new UNet2dConditionModel(
          UNet2dConditionConfig.read(Golden.path(FOLDER + "/config.json")), new ParameterScope());

  @TestFactory
  List<DynamicTest> shouldAgreeWithPublishedValues() {
    JsonNode cases = Golden.json(FOLDER + "/data.json");
    assertFalse(cases.isEmpty());
    return Backends.withShim().stream()
        .flatMap(
            backend ->
                cases.propertyNames().stream()
                    .map(name -> DynamicTest.dynamicTest(backend + " " + name, () -> check(backend, name))))
        .toList();
  }

  private void check(String backend, String name) {
    try (GoldenNetwork golden = new GoldenNetwork(FOLDER, unet.parameters())) {
      Value sample = golden.floats(name + ".sample");
      Value text = golden.floats(name + ".encoder_hidden_states");
      Value out = unet.apply(sample, golden.ints(name + ".timesteps"), text, null);
      expectActivations(golden, name + ".act.");
      golden.expect(name + ".out", out);
      Value loss = GoldenNetwork.sum(Ops.mul(out, golden.floats(name + ".R")));
      golden.expectGradients(name + ".grad.", loss, Map.of("sample", sample, "encoder_hidden_states", text));
      golden.check(backend, FOLDER + "." + name);
    }
  }

  /** All but that of the last norm, which is one operation with the SiLU after it. */
  private static void expectActivations(GoldenNetwork golden, String prefix) {
    for (String tensor : golden.names()) {
      if (tensor.startsWith(prefix) && !tensor.equals(prefix + NORM_BEFORE_SILU)) {
        golden.expect(tensor, golden.outputOf(tensor.substring(prefix.length())));
      }
    }
  }
}
