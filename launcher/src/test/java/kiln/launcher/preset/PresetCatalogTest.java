package kiln.launcher.preset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kiln.bindings.UserException;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.plan.ParameterTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PresetCatalogTest {
  static List<String> names() {
    return PresetCatalog.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void shouldReadEveryPreset(String name) {
    Preset preset = PresetCatalog.get(name);
    assertEquals(name, preset.name());
    assertEquals(preset, PresetJson.MAPPER.readValue(PresetJson.MAPPER.writeValueAsBytes(preset), Preset.class));
  }

  @ParameterizedTest
  @MethodSource("names")
  void shouldHaveAnAutoencoderForEveryDiffusionModel(String name) {
    Preset preset = PresetCatalog.get(name);
    if (preset.objective() == Preset.ObjectiveKind.DIFFUSION) {
      Preset vae = PresetCatalog.get(preset.autoencoder());
      assertEquals(vae.vae().get("latent_channels"), preset.unet().get("in_channels"));
      assertEquals(preset.textEncoder().get("d_model"), preset.unet().get("cross_attention_dim"));
    }
  }

  /** Declaring networks allocates nothing. */
  @ParameterizedTest
  @CsvSource({"sd21-byt5-base, 878690244, 414703488", "sd21-half, 149903748, 414703488"})
  void shouldHaveTheParametersOfThePublishedSizes(String name, long unet, long textEncoder) {
    Preset preset = PresetCatalog.get(name);
    UNet2dConditionConfig unetConfig = UNet2dConditionConfig.read(new ConfigReader(name, preset.unet()));
    assertEquals(unet, count(new UNet2dConditionModel(unetConfig, new ParameterScope()).parameters()));
    T5Config textConfig = T5Config.read(new ConfigReader(name, preset.textEncoder()));
    assertEquals(textEncoder, count(new T5Encoder(textConfig, new ParameterScope()).parameters()));
    AutoencoderKlConfig vaeConfig =
        AutoencoderKlConfig.read(new ConfigReader(name, PresetCatalog.get(preset.autoencoder()).vae()));
    assertEquals(83_653_863, count(new AutoencoderKl(vaeConfig, new ParameterScope()).parameters()));
  }

  private static long count(List<Parameter> parameters) {
    return new ParameterTable(parameters).numParameters();
  }

  @Test
  void shouldReplaceValues() {
    List<String> settings =
        List.of("steps=5", "optimizer.learning_rate=1e-5", "optimizer.schedule=linear", "optimizer.betas=[0.8,0.9]");
    Preset preset = PresetCatalog.get("tiny", settings);
    assertEquals(5, preset.steps());
    assertEquals(1e-5, preset.optimizer().learningRate());
    assertEquals(Preset.ScheduleKind.LINEAR, preset.optimizer().schedule());
    assertEquals(List.of(0.8, 0.9), preset.optimizer().betas());
  }

  @Test
  void shouldRefuseValuesOfOtherKindOrRange() {
    assertRefused("steps=1.5", "steps", "a whole number", "1.5");
    assertRefused("optimizer.betas=[0.9]", "optimizer.betas", "two numbers", "[0.9]");
    assertRefused("optimizer.betas=0.9", "optimizer.betas", "a list", "0.9");
    assertRefused("ema_decay=1", "ema_decay", "below 1", "1");
    assertRefused("optimizer.schedule=3", "optimizer.schedule", "a word", "3");
    assertRefused("name=mine", "unknown key name");
    assertRefused("unet.in_channel=3", "unknown key unet.in_channel", "unet.in_channels");
  }

  private static void assertRefused(String setting, String... parts) {
    String message =
        assertThrows(UserException.class, () -> PresetCatalog.get("tiny", List.of(setting))).getMessage();
    assertEquals(1, message.lines().count(), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void shouldFindNearNames() {
    List<String> known = List.of("--ranks", "--resume", "--seed", "--steps");
    assertEquals(List.of("--ranks"), Near.names("--rank", known));
    assertEquals(List.of("--resume"), Near.names("--res", known));
    assertEquals(List.of(), Near.names("--frobnicate", known));
    assertEquals(3, Near.distance("kitten", "sitting"));
  }
}
