package kiln.model.network.vae;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import kiln.model.Golden;
import kiln.model.graph.DType;
import kiln.model.network.GoldenCases;
import kiln.model.network.GoldenNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The autoencoder against diffusers' AutoencoderKL: moments, sample, reconstruction, and the gradients of its loss. */
final class AutoencoderKlGoldenTest {
  private static final String FOLDER = "vae";

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#withShim")
  void shouldAgreeWithPublishedValues(String backend) {
    try (GoldenNetwork golden = GoldenCases.vae(DType.F32)) {
      golden.check(backend, FOLDER);
    }
  }

  @Test
  void shouldKnowTheAttentionByItsOldNames() {
    AutoencoderKlWeightNames names = new AutoencoderKlWeightNames();
    JsonNode old = Golden.json(FOLDER + "/data.json").required("legacy_attention_key_names");
    for (Map.Entry<String, JsonNode> name : old.properties()) {
      String prefix = "decoder.mid_block.attentions.0.";
      String expected = prefix + name.getValue().stringValue() + ".weight";
      assertEquals(expected, names.parameter(prefix + name.getKey() + ".weight"));
      assertEquals(expected, names.parameter(expected));
    }
    assertEquals("decoder.conv_in.bias", names.parameter("decoder.conv_in.bias"));
  }
}
