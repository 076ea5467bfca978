package kiln.model.network.unet;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import kiln.model.Backends;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.GoldenNetwork;
import kiln.model.network.unet.UNet2dConfig.ClassEmbedType;
import kiln.model.op.Ops;
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
    UNet2dConfig config = UNet2dConfig.read(Golden.path(folder + "/config.json"));
    UNet2dModel unet = new UNet2dModel(config, new ParameterScope());
    try (GoldenNetwork golden = new GoldenNetwork(folder, unet.parameters())) {
      Value sample = golden.floats(name + SAMPLE);
      boolean classes = config.classEmbedType() != ClassEmbedType.NONE;
      Value labels = classes ? golden.ints(name + ".class_labels") : null;
      Value out = unet.apply(sample, golden.ints(name + ".timesteps"), labels);
      golden.expect(name + ".out", out);
      Value loss = GoldenNetwork.sum(Ops.mul(out, golden.floats(name + ".R")));
      golden.expectGradients(name + ".grad.", loss, Map.of("sample", sample));
      golden.check(backend, folder);
    }
  }
}
