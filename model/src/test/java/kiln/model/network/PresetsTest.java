package kiln.model.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.unet.UNet2dConditionPresets;
import kiln.model.network.unet.UNet2dConfig;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.network.unet.UNet2dPresets;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.plan.ParameterTable;
import org.junit.jupiter.api.Test;

/** Published sizes have the published numbers of parameters; declaring them allocates nothing. */
final class PresetsTest {
  @Test
  void shouldHaveTheParametersOfStableDiffusion21() {
    assertEquals(865_910_724, count(unet(UNet2dConditionPresets.stableDiffusion21())));
    List<Parameter> withByT5 = unet(UNet2dConditionPresets.stableDiffusion21ByT5Base());
    assertEquals(686, withByT5.size());
    assertEquals(878_690_244, count(withByT5));
    AutoencoderKl vae = new AutoencoderKl(AutoencoderKlConfig.stableDiffusion21(), new ParameterScope());
    assertEquals(83_653_863, count(vae.parameters()));
    assertEquals(8, vae.config().reduction());
  }

  @Test
  void shouldHaveTheParametersOfByT5Base() {
    assertEquals(414_703_488, count(new T5Encoder(T5Config.byT5Base(), new ParameterScope()).parameters()));
  }

  @Test
  void shouldHaveTheParametersOfStableDiffusion15() {
    List<Parameter> parameters = unet(UNet2dConditionPresets.stableDiffusion15());
    assertEquals(686, parameters.size());
    assertEquals(859_520_964, count(parameters));
  }

  @Test
  void shouldHaveTheParametersOfStableDiffusionXl() {
    List<Parameter> parameters = unet(UNet2dConditionPresets.stableDiffusionXl());
    assertEquals(1680, parameters.size());
    assertEquals(2_567_463_684L, count(parameters));
  }

  @Test
  void shouldHaveTheParametersOfDenoisingDiffusion() {
    assertEquals(35_746_307, count(unet(UNet2dPresets.ddpmCifar10())));
    assertEquals(113_673_219, count(unet(UNet2dPresets.ddpm256())));
    int classes = 7;
    UNet2dConfig plain = UNet2dPresets.tiny();
    long table = (long) classes * plain.timeEmbeddingDim();
    assertEquals(count(unet(plain)) + table, count(unet(UNet2dPresets.tinyWithClasses(classes))));
  }

  private static List<Parameter> unet(UNet2dConfig config) {
    return new UNet2dModel(config, new ParameterScope()).parameters();
  }

  private static List<Parameter> unet(UNet2dConditionConfig config) {
    return new UNet2dConditionModel(config, new ParameterScope()).parameters();
  }

  private static long count(List<Parameter> parameters) {
    return new ParameterTable(parameters).numParameters();
  }
}
