package kiln.model.network.vae;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import kiln.model.Golden;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.GoldenNetwork;
import kiln.model.op.Ops;
import kiln.model.op.Unary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The autoencoder against diffusers' AutoencoderKL: moments, sample, reconstruction, and the gradients of its loss. */
final class AutoencoderKlGoldenTest {
  private static final String FOLDER = "vae";

  private final AutoencoderKlConfig config = AutoencoderKlConfig.read(Golden.path(FOLDER + "/config.json"));
  private final AutoencoderKl vae = new AutoencoderKl(config, new ParameterScope());

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#withShim")
  void shouldAgreeWithPublishedValues(String backend) {
    float klWeight = (float) Golden.json(FOLDER + "/data.json").required("kl_weight").doubleValue();
    try (GoldenNetwork golden = new GoldenNetwork(FOLDER, vae.parameters())) {
      Value image = golden.floats("image");
      Moments moments = vae.encode(image);
      golden.expect("out.moments", golden.outputOf(config.useQuantConv() ? "quant_conv" : "encoder"));
      golden.expect("out.mean", moments.mean());
      golden.expect("out.logvar", moments.logvar());
      golden.expect("out.std", moments.std());
      Value z = moments.sample(golden.floats("noise"));
      golden.expect("out.z", z);
      golden.expect("out.scaled_latents", Ops.scale(z, (float) config.scalingFactor()));
      Value recon = vae.decode(z);
      golden.expect("out.recon", recon);
      golden.expect("out.decoded_mean", vae.decode(moments.mean()));
      Value mse = mean(Ops.unary(Unary.Function.SQUARE, Ops.sub(recon, image)));
      golden.expect("out.mse", mse);
      golden.expect("out.kl", moments.kl());
      Value loss = Ops.add(mse, Ops.scale(mean(moments.kl()), klWeight));
      golden.expect("out.loss", loss);
      golden.expectGradients("grad.", loss, Map.of("image", image));
      golden.check(backend, FOLDER);
    }
  }

  private static Value mean(Value x) {
    return Ops.scale(GoldenNetwork.sum(x), 1f / x.shape().elements());
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
