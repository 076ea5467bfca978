package kiln.model.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.t5.T5ForConditionalGeneration;
import kiln.model.network.t5.T5ForConditionalGenerationConfig;
import kiln.model.network.t5.T5Presets;
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

  /** Whole network and encoder, as transformers counts them. */
  @Test
  void shouldHaveTheParametersOfByT5() {
    assertCounts(299_637_760, 217_657_472, T5Presets.byT5Small());
    assertCounts(581_653_248, 414_703_488, T5Presets.byT5Base());
    assertCounts(1_228_183_552, 864_204_800, T5Presets.byT5Large());
    assertCounts(3_737_801_728L, 2_614_091_264L, T5Presets.byT5Xl());
    assertCounts(12_906_899_328L, 8_990_317_632L, T5Presets.byT5Xxl());
    assertCounts(55_328, 29_984, T5Presets.byT5Tiny());
    assertEquals(165, encoder(T5Config.byT5Base()).size());
  }

  @Test
  void shouldHaveTheParametersOfT5() {
    assertCounts(76_961_152, 35_332_800, T5Presets.t5V11Small());
    assertCounts(247_577_856, 109_628_544, T5Presets.t5V11Base());
    assertCounts(783_150_080, 341_231_104, T5Presets.t5V11Large());
    assertCounts(2_849_757_184L, 1_223_527_424, T5Presets.t5V11Xl());
    assertCounts(11_135_332_352L, 4_762_310_656L, T5Presets.t5V11Xxl());
    assertCounts(60_506_624, 35_330_816, T5Presets.t5Small());
    assertCounts(222_903_552, 109_628_544, T5Presets.t5Base());
    assertCounts(737_668_096, 334_939_648, T5Presets.t5Large());
  }

  private static void assertCounts(long whole, long encoder, T5ForConditionalGenerationConfig config) {
    assertEquals(whole, count(new T5ForConditionalGeneration(config, new ParameterScope()).parameters()));
    assertEquals(encoder, count(encoder(config.encoder())));
  }

  private static List<Parameter> encoder(T5Config config) {
    return new T5Encoder(config, new ParameterScope()).parameters();
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
