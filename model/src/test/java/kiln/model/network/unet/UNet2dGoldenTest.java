package kiln.model.network.unet;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import kiln.model.Backends;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.graph.DType;
import kiln.model.network.GoldenCases;
import kiln.model.network.GoldenNetwork;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The UNets without text against diffusers' UNet2DModel: output and gradients of every case in the folders. */
final class UNet2dGoldenTest {
  private static final String SAMPLE = ".sample";

  @TestFactory
  List<DynamicTest> shouldAgreeWithPublishedValues() {
    return List.of("unet_uncond", "unet_class").stream()
        .flatMap(
            folder ->
                Backends.names().stream()
                    .flatMap(
                        backend ->
                            cases(folder).stream()
                                .map(
                                    name ->
                                        DynamicTest.dynamicTest(
                                            folder + " " + backend + " " + name, () -> check(folder, backend, name)))))
        .toList();
  }

  private static List<String> cases(String folder) {
    try (GoldenTensors tensors = Golden.tensors(folder + "/data.safetensors")) {
      List<String> cases =
          tensors.names().stream()
              .filter(name -> name.endsWith(SAMPLE) && !name.contains(".grad."))
              .map(name -> name.substring(0, name.length() - SAMPLE.length()))
              .toList();
      assertFalse(cases.isEmpty(), folder);
      return cases;
    }
  }

  private static void check(String folder, String backend, String name) {
    try (GoldenNetwork golden = GoldenCases.plainUnet(folder, name, DType.F32)) {
      golden.check(backend, folder);
    }
  }
}
