package kiln.model.network.unet;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
import tools.jackson.databind.json.JsonMapper;

/**
 * What the golden files do not show, against the values of bench/peers/unet.py: added conditions, several transformer blocks,
 * projections by convolution, heads that do not divide the width, other kinds of classes; even and odd sizes.
 */
final class UNetPeerTest {
  private static final Path FOLDER = Golden.peer("golden-unet");

  @TestFactory
  List<DynamicTest> shouldAgreeWithAnIndependentImplementation() {
    JsonNode cases = JsonMapper.shared().readTree(FOLDER.resolve("tolerances.json")).required("cases");
    assertFalse(cases.isEmpty());
    List<DynamicTest> tests = new ArrayList<>();
    for (String id : cases.propertyNames()) {
      for (String backend : Backends.names()) {
        tests.add(DynamicTest.dynamicTest(id + " " + backend, () -> check(backend, id)));
      }
    }
    return tests;
  }

  private static void check(String backend, String id) {
    Path folder = FOLDER.resolve(id.substring(0, id.indexOf('.')));
    String name = id.substring(id.indexOf('.') + 1);
    Path config = folder.resolve("config.json");
    JsonNode json = JsonMapper.shared().readTree(config);
    boolean plain = json.required("_class_name").stringValue().equals("UNet2DModel");
    ParameterScope scope = new ParameterScope();
    UNet2dModel unet = plain ? new UNet2dModel(UNet2dConfig.read(config), scope) : null;
    UNet2dConditionModel withText = plain ? null : new UNet2dConditionModel(UNet2dConditionConfig.read(config), scope);
    try (GoldenNetwork golden = new GoldenNetwork(folder, scope.parameters())) {
      Map<String, Value> inputs = new LinkedHashMap<>(Map.of("sample", golden.floats(name + ".sample")));
      Value out = unet == null ? apply(withText, golden, name, inputs) : apply(unet, golden, name, inputs);
      golden.expect(name + ".out", out);
      Value loss = GoldenNetwork.sum(Ops.mul(out, golden.floats(name + ".R")));
      golden.expectGradients(name + ".grad.", loss, inputs);
      golden.check(backend, Golden.tolerances(FOLDER), id);
    }
  }

  private static Value apply(UNet2dModel unet, GoldenNetwork golden, String name, Map<String, Value> inputs) {
    Value sample = inputs.get("sample");
    Value timesteps = golden.ints(name + ".timesteps");
    String labels = name + ".class_labels";
    return switch (unet.config().classEmbedType()) {
      case NONE -> unet.apply(sample, timesteps, null);
      case TABLE, TIMESTEP -> unet.apply(sample, timesteps, golden.ints(labels));
      case IDENTITY -> {
        inputs.put("class_labels", golden.floats(labels));
        yield unet.apply(sample, timesteps, inputs.get("class_labels"));
      }
    };
  }

  private static Value apply(UNet2dConditionModel unet, GoldenNetwork golden, String name, Map<String, Value> inputs) {
    Value sample = inputs.get("sample");
    Value timesteps = golden.ints(name + ".timesteps");
    Value text = golden.floats(name + ".encoder_hidden_states");
    inputs.put("encoder_hidden_states", text);
    if (unet.config().addition() == null) {
      return unet.apply(sample, timesteps, text, null);
    }
    inputs.put("text_embeds", golden.floats(name + ".text_embeds"));
    Value timeIds = golden.ints(name + ".time_ids");
    return unet.apply(sample, timesteps, text, null, inputs.get("text_embeds"), timeIds);
  }
}
