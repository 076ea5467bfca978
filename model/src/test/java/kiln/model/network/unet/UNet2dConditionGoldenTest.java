package kiln.model.network.unet;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import kiln.model.Backends;
import kiln.model.Golden;
import kiln.model.graph.DType;
import kiln.model.network.GoldenCases;
import kiln.model.network.GoldenNetwork;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** The UNet against diffusers' UNet2DConditionModel: activations, output and gradients of every case in the folder. */
final class UNet2dConditionGoldenTest {
  private static final String FOLDER = "unet_sd21";

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

  private static void check(String backend, String name) {
    try (GoldenNetwork golden = GoldenCases.unet(name, DType.F32)) {
      golden.check(backend, FOLDER + "." + name);
    }
  }
}
