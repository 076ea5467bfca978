package kiln.model.network.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kiln.bindings.UserException;
import kiln.model.network.ConfigReader;
import kiln.model.network.unet.UNet2dConfig.ClassEmbedType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Configurations as they were published, by old and new versions of diffusers, are those of the presets. */
final class PublishedConfigTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void shouldReadStableDiffusion15() {
    String config =
        """
        {"_class_name": "UNet2DConditionModel", "_diffusers_version": "0.6.0", "act_fn": "silu", "attention_head_dim": 8,
         "block_out_channels": [320, 640, 1280, 1280], "center_input_sample": false, "cross_attention_dim": 768,
         "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
         "downsample_padding": 1, "flip_sin_to_cos": true, "freq_shift": 0, "in_channels": 4, "layers_per_block": 2,
         "mid_block_scale_factor": 1, "norm_eps": 1e-05, "norm_num_groups": 32, "out_channels": 4, "sample_size": 64,
         "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]}
        """;
    assertEquals(UNet2dConditionPresets.stableDiffusion15(), UNet2dConditionConfig.read(reader(config)));
  }

  @Test
  void shouldReadStableDiffusionXl() {
    String config =
        """
        {"_class_name": "UNet2DConditionModel", "_diffusers_version": "0.19.0.dev0", "act_fn": "silu",
         "addition_embed_type": "text_time", "addition_embed_type_num_heads": 64, "addition_time_embed_dim": 256,
         "attention_head_dim": [5, 10, 20], "block_out_channels": [320, 640, 1280], "center_input_sample": false,
         "class_embed_type": null, "class_embeddings_concat": false, "conv_in_kernel": 3, "conv_out_kernel": 3,
         "cross_attention_dim": 2048, "cross_attention_norm": null,
         "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"], "downsample_padding": 1,
         "dual_cross_attention": false, "encoder_hid_dim": null, "encoder_hid_dim_type": null, "flip_sin_to_cos": true,
         "freq_shift": 0, "in_channels": 4, "layers_per_block": 2, "mid_block_only_cross_attention": null,
         "mid_block_scale_factor": 1, "mid_block_type": "UNetMidBlock2DCrossAttn", "norm_eps": 1e-05,
         "norm_num_groups": 32, "num_attention_heads": null, "num_class_embeds": null, "only_cross_attention": false,
         "out_channels": 4, "projection_class_embeddings_input_dim": 2816, "resnet_out_scale_factor": 1.0,
         "resnet_skip_time_act": false, "resnet_time_scale_shift": "default", "sample_size": 128,
         "time_cond_proj_dim": null, "time_embedding_act_fn": null, "time_embedding_dim": null,
         "time_embedding_type": "positional", "timestep_post_act": null, "transformer_layers_per_block": [1, 2, 10],
         "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "upcast_attention": null,
         "use_linear_projection": true}
        """;
    UNet2dConditionConfig read = UNet2dConditionConfig.read(reader(config));
    assertEquals(UNet2dConditionPresets.stableDiffusionXl(), read);
    assertEquals(1280, read.addition().textWidth(6));
  }

  @Test
  void shouldReadDenoisingDiffusion() {
    String config =
        """
        {"_class_name": "UNet2DModel", "_diffusers_version": "0.1.1", "act_fn": "silu", "attention_head_dim": null,
         "block_out_channels": [128, 256, 256, 256], "center_input_sample": false,
         "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"], "downsample_padding": 0,
         "flip_sin_to_cos": false, "freq_shift": 1, "in_channels": 3, "layers_per_block": 2, "mid_block_scale_factor": 1,
         "norm_eps": 1e-06, "norm_num_groups": 32, "out_channels": 3, "sample_size": 32,
         "time_embedding_type": "positional",
         "up_block_types": ["UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"]}
        """;
    assertEquals(UNet2dPresets.ddpmCifar10(), UNet2dConfig.read(reader(config)));
  }

  @Test
  void shouldReadBackWhatItWrites() {
    for (UNet2dConditionConfig config :
        new UNet2dConditionConfig[] {UNet2dConditionPresets.tinyXl(), UNet2dConditionPresets.stableDiffusion15()}) {
      assertEquals(config, UNet2dConditionConfig.read(new ConfigReader("config.json", config.toJson())));
    }
    String own = "\"attn_norm_num_groups\": 4, \"time_embedding_dim\": 40, \"attention_head_dim\": 16, \"sample_size\": null";
    for (String fields :
        new String[] {
          "{}", "{\"class_embed_type\": \"timestep\", \"num_class_embeds\": 5}", "{\"class_embed_type\": \"identity\"}",
          "{\"num_class_embeds\": 5}", "{\"mid_block_type\": null}", "{\"add_attention\": false, " + own + "}"
        }) {
      UNet2dConfig config = UNet2dConfig.read(reader(fields));
      assertEquals(config, UNet2dConfig.read(new ConfigReader("config.json", config.toJson())), fields);
    }
    assertEquals(ClassEmbedType.TABLE, UNet2dPresets.tinyWithClasses(3).classEmbedType());
    assertEquals("1", UNet2dPresets.tiny().toJson().get("freq_shift").toString());
  }

  @Test
  void shouldTakeNullHeadWidthAsOneHeadAndNoneAsEight() {
    assertEquals(0, UNet2dConfig.read(reader("{\"attention_head_dim\": null}")).attentionHeadDim());
    assertEquals(8, UNet2dConfig.read(reader("{}")).attentionHeadDim());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          false | time_embedding_type     | "fourier"            | found "fourier"
          false | resnet_time_scale_shift | "scale_shift"        | found "scale_shift"
          false | downsample_type         | "resnet"             | found "resnet"
          false | upsample_type           | "resnet"             | found "resnet"
          false | attention_legacy_order  | true                 | found true
          false | center_input_sample     | true                 | found true
          false | mid_block_scale_factor  | 1.4142135            | found 1.4142135
          false | class_embed_type        | "projection"         | found "projection"
          false | num_class_embeds        | -1                   | found -1
          false | down_block_types        | ["SkipDownBlock2D"]  | found [SkipDownBlock2D]
          false | mid_block_type          | "UnCLIPUNetMidBlock2D" | found "UnCLIPUNetMidBlock2D"
          false | attention_head_dim      | 1000                 | found 1000
          false | attn_norm_num_groups    | 13                   | multiple of attn_norm_num_groups
          false | layers_per_block        | [1, 2]               | expected a whole number
          false | _class_name             | "UNet2DConditionModel" | found "UNet2DConditionModel"
          true  | addition_embed_type     | "text"               | found "text"
          true  | addition_embed_type     | "text_time"          | addition_time_embed_dim: found 0
          true  | num_attention_heads     | [5, 10, 20, 20]      | expected null
          true  | transformer_layers_per_block | [[1], [1], [1], [1]] | expected a whole number
          true  | reverse_transformer_layers_per_block | [[1], [1]] | expected null
          """)
  void shouldRefuseByFieldAndValue(boolean withText, String field, String value, String found) {
    ObjectNode config = JSON.createObjectNode();
    config.set(field, JSON.readTree(value));
    ConfigReader in = new ConfigReader("config.json", config);
    Object[] read = new Object[1];
    String line =
        assertThrows(
                UserException.class,
                () -> read[0] = withText ? UNet2dConditionConfig.read(in) : UNet2dConfig.read(in))
            .getMessage();
    assertTrue(line.startsWith("config.json: ") && line.contains(found), line);
    assertTrue(line.contains(field) || found.contains("addition_time_embed_dim"), line);
    assertEquals(1, line.lines().count(), line);
  }

  private static ConfigReader reader(String json) {
    return new ConfigReader("config.json", JSON.readTree(json));
  }
}
