package kiln.model.diffusion;

import java.util.Map;
import kiln.model.Golden;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.GoldenNetwork;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.network.vae.Moments;
import org.junit.jupiter.api.Test;

/** The autoencoder's loss as {@link VaeObjective} traces it, and its gradients, against {@code vae/}. */
class VaeObjectiveGoldenTest {
  private static final String FOLDER = "vae";

  @Test
  void shouldTraceThePublishedLoss() {
    AutoencoderKlConfig config = AutoencoderKlConfig.read(Golden.path(FOLDER + "/config.json"));
    AutoencoderKl vae = new AutoencoderKl(config, new ParameterScope());
    float klWeight = (float) Golden.json(FOLDER + "/data.json").required("kl_weight").doubleValue();
    try (GoldenNetwork golden = new GoldenNetwork(FOLDER, vae.parameters())) {
      Value images = golden.floats("image");
      Moments moments = vae.encode(images);
      Value reconstruction = vae.decode(moments.sample(golden.floats("noise")));
      Value loss = VaeObjective.loss(images, reconstruction, moments, klWeight);
      golden.expect("out.loss", loss);
      golden.expectGradients("grad.", loss, Map.of("image", images));
      golden.check("cpu", FOLDER);
    }
  }
}
