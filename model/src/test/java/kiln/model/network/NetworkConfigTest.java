package kiln.model.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import kiln.bindings.UserException;
import kiln.model.network.clip.ClipTextConfig;
import kiln.model.network.clip.ClipTextPresets;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5ForConditionalGenerationConfig;
import kiln.model.network.t5.T5Presets;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionPresets;
import kiln.model.network.vae.AutoencoderKlConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Configurations read back what they write, and refuse by name what they would compute wrongly. */
final class NetworkConfigTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  @Test
  void shouldReadBackWhatItWrites() {
    Path file = folder.resolve("config.json");
    for (UNet2dConditionConfig unet :
        List.of(UNet2dConditionPresets.stableDiffusion21ByT5Base(), unet("{\"mid_block_type\": null}"))) {
      ConfigWriter.write(file, unet.toJson());
      assertEquals(unet, UNet2dConditionConfig.read(file));
    }
    AutoencoderKlConfig vae = AutoencoderKlConfig.stableDiffusion21();
    ConfigWriter.write(file, vae.toJson());
    assertEquals(vae, AutoencoderKlConfig.read(file));
    ConfigWriter.write(file, T5Config.byT5Base().toJson());
    assertEquals(T5Config.byT5Base(), T5Config.read(file));
    for (T5ForConditionalGenerationConfig t5 : List.of(T5Presets.byT5Base(), T5Presets.t5Small())) {
      ConfigWriter.write(file, t5.toJson());
      assertEquals(t5, T5ForConditionalGenerationConfig.read(file));
      assertEquals(t5.encoder(), T5Config.read(file));
    }
  }

  @Test
  void shouldReadBackTheTextModelsOfClip() {
    Path file = folder.resolve("config.json");
    for (ClipTextConfig clip :
        List.of(ClipTextPresets.stableDiffusion15(), ClipTextPresets.stableDiffusion21(), ClipTextPresets.tiny())) {
      ConfigWriter.write(file, clip.toJson());
      assertEquals(clip, ClipTextConfig.read(file));
    }
  }

  @Test
  void shouldTakeOneNumberForAllLevels() {
    UNet2dConditionConfig config = unet("{\"attention_head_dim\": 5, \"layers_per_block\": [1, 2, 3, 4]}");
    assertEquals(List.of(5, 5, 5, 5), config.attentionHeadDim());
    assertEquals(List.of(1, 2, 3, 4), config.layersPerBlock());
    assertEquals(5, config.toJson().get("attention_head_dim").intValue());
    assertTrue(config.toJson().get("layers_per_block").isArray());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          unet | act_fn                  | "gelu"           | found "gelu"
          unet | class_embed_type        | "timestep"       | found "timestep"
          unet | dropout                 | 0.1              | found 0.1
          unet | mid_block_type          | "UNetMidBlock3D" | found [UNetMidBlock3D]
          unet | down_block_types        | ["DownBlock2D"]  | expected 4 of
          unet | layers_per_block        | [1, 2]           | found [1,2]
          unet | layers_per_block        | 0                | positive
          unet | norm_num_groups         | 7                | multiple of norm_num_groups
          unet | in_channels             | "four"           | expected a whole number
          unet | in_channels             | 4.5              | expected a whole number
          unet | only_cross_attention    | true             | found true
          unet | resnet_time_scale_shift | "scale_shift"    | expected one of [default]
          unet | some_new_field          | 3                | no such field
          unet | _class_name             | "UNet2DModel"    | found "UNet2DModel"
          vae  | latents_mean            | [0.5]            | expected null
          vae  | shift_factor            | 0.1              | found 0.1
          vae  | down_block_types        | ["AttnDownEncoderBlock2D"] | found [AttnDownEncoderBlock2D]
          vae  | scaling_factor          | -1               | positive
          t5   | feed_forward_proj       | "gated-relu"     | expected gated-gelu
          t5   | dense_act_fn            | "gelu"           | found "gelu"
          t5   | is_gated_act            | false            | found false
          t5   | scalable_attention      | true             | no such field
          seq  | feed_forward_proj       | "silu"           | expected gated-gelu
          seq  | is_encoder_decoder      | false            | found false
          seq  | num_decoder_layers      | 0                | positive
          seq  | eos_token_id            | 40000            | below vocab_size
          seq  | eos_token_id            | [1, 2]           | expected a whole number
          t5   | feed_forward_proj       | "gated-silu"     | expected gated-gelu
          t5   | is_decoder              | true             | found true
          t5   | num_heads               | 0                | positive
          t5   | model_type              | "bart"           | found "bart"
          clip | hidden_act              | "relu"           | found relu, expected gelu or quick_gelu
          clip | architectures           | ["CLIPTextModelWithProjection"] | found [CLIPTextModelWithProjection]
          clip | model_type              | "clip"           | found "clip"
          clip | use_attention_mask      | true             | found true
          clip | num_attention_heads     | 7                | expected a divisor of hidden_size
          clip | hidden_size             | 0                | positive
          """)
  void shouldRefuseByFieldAndValue(String network, String field, String value, String found) {
    Function<ConfigReader, ?> read =
        switch (network) {
          case "unet" -> UNet2dConditionConfig::read;
          case "vae" -> AutoencoderKlConfig::read;
          case "seq" -> T5ForConditionalGenerationConfig::read;
          case "clip" -> ClipTextConfig::read;
          default -> T5Config::read;
        };
    ObjectNode config = JSON.createObjectNode();
    if (network.equals("t5") || network.equals("seq")) {
      config.put("feed_forward_proj", "gated-gelu");
    }
    config.set(field, JSON.readTree(value));
    String line = assertThrows(UserException.class, () -> read.apply(new ConfigReader("config.json", config))).getMessage();
    assertTrue(line.startsWith("config.json: "), line);
    assertTrue(line.contains(field) && line.contains(found), line);
    assertEquals(1, line.lines().count(), line);
  }

  @Test
  void shouldAcceptUnknownFieldsThatAreSwitchedOff() {
    unet("{\"some_new_field\": null, \"another\": false, \"_note\": \"x\"}");
  }

  @Test
  void shouldNameTheFileThatIsNoConfiguration() throws IOException {
    Path file = folder.resolve("config.json");
    for (String text : List.of("[1]", "{\"in_channels\": ", "")) {
      Files.writeString(file, text);
      UserException e = assertThrows(UserException.class, () -> UNet2dConditionConfig.read(file));
      assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    }
    Path absent = folder.resolve("absent.json");
    UserException e = assertThrows(UserException.class, () -> T5Config.read(absent));
    assertTrue(e.getMessage().contains(absent.toString()), e.getMessage());
  }

  private static UNet2dConditionConfig unet(String json) {
    JsonNode node = JSON.readTree(json);
    return UNet2dConditionConfig.read(new ConfigReader("config.json", node));
  }
}
