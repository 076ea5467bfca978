package kiln.model.network.unet;

import static kiln.model.network.unet.UNet2dConditionConfig.CROSS_ATTENTION_DOWN;
import static kiln.model.network.unet.UNet2dConditionConfig.CROSS_ATTENTION_MID;
import static kiln.model.network.unet.UNet2dConditionConfig.CROSS_ATTENTION_UP;
import static kiln.model.network.unet.UNet2dConditionConfig.NO_MID;
import static kiln.model.network.unet.UNet2dConditionConfig.PLAIN_DOWN;
import static kiln.model.network.unet.UNet2dConditionConfig.PLAIN_UP;

import java.util.List;
import kiln.model.network.ConfigReader;
import kiln.model.network.ConfigWriter;
import tools.jackson.databind.node.ObjectNode;

/** {@link UNet2dConditionConfig} as diffusers' config.json, and which of diffusers' many variants are refused. */
final class UNet2dConditionJson {
  private static final String TEXT_TIME = "text_time";

  /** Then diffusers does not look at the sizes of the addition either. */
  private static final String NO_ADDITION = "";

  private UNet2dConditionJson() {}

  static UNet2dConditionConfig read(ConfigReader in) {
    refuseVariants(in);
    in.harmless("addition_embed_type_num_heads", "upcast_attention");

    List<Integer> channels = in.integers("block_out_channels", List.of(320, 640, 1280, 1280));
    int levels = channels.size();
    String mid = in.text("mid_block_type", CROSS_ATTENTION_MID, NO_MID);
    List<String> down =
        in.texts(
            "down_block_types", List.of(CROSS_ATTENTION_DOWN, CROSS_ATTENTION_DOWN, CROSS_ATTENTION_DOWN, PLAIN_DOWN));
    List<String> up =
        in.texts("up_block_types", List.of(PLAIN_UP, CROSS_ATTENTION_UP, CROSS_ATTENTION_UP, CROSS_ATTENTION_UP));
    List<Integer> layers = in.perLevel("layers_per_block", levels, 2);
    List<Integer> heads = in.perLevel("attention_head_dim", levels, 8);
    List<Integer> crossAttention = in.perLevel("cross_attention_dim", levels, 1280);
    List<Integer> transformerLayers = in.perLevel("transformer_layers_per_block", levels, 1);
    int sampleSize = in.integerOrNull("sample_size", 64);
    int inChannels = in.integer("in_channels", 4);
    int outChannels = in.integer("out_channels", 4);
    int groups = in.integer("norm_num_groups", 32);
    double epsilon = in.number("norm_eps", 1e-5);
    int padding = in.integer("downsample_padding", 1);
    boolean linear = in.flag("use_linear_projection", false);
    boolean flip = in.flag("flip_sin_to_cos", true);
    double shift = in.number("freq_shift", 0);
    int timeDim = in.integerOrNull("time_embedding_dim", levels == 0 ? 0 : 4 * channels.getFirst());
    int kernelIn = in.integer("conv_in_kernel", 3);
    int kernelOut = in.integer("conv_out_kernel", 3);
    String addition = in.text("addition_embed_type", NO_ADDITION, NO_ADDITION);
    int additionTimeDim = in.integerOrNull("addition_time_embed_dim", 0);
    int additionDim = in.integerOrNull("projection_class_embeddings_input_dim", 0);
    in.finish();
    try {
      boolean textTime = addition.equals(TEXT_TIME);
      return new UNet2dConditionConfig(
          sampleSize, inChannels, outChannels, channels, down, mid, up, layers, heads, crossAttention, transformerLayers,
          groups, epsilon, padding, linear, flip, shift, timeDim, kernelIn, kernelOut,
          textTime ? new TextTimeAddition(additionTimeDim, additionDim) : null);
    } catch (IllegalArgumentException e) {
      throw in.invalid(e);
    }
  }

  /** Fields that would change what is computed, with the only values that are implemented. */
  private static void refuseVariants(ConfigReader in) {
    in.only("_class_name", "UNet2DConditionModel")
        .only("act_fn", "silu", "swish")
        .only("addition_embed_type", TEXT_TIME)
        .only("attention_type", "default")
        .only("center_input_sample", false)
        .only("class_embed_type")
        .only("class_embeddings_concat", false)
        .only("cross_attention_norm")
        .only("dropout", 0)
        .only("dual_cross_attention", false)
        .only("encoder_hid_dim")
        .only("encoder_hid_dim_type")
        .only("mid_block_only_cross_attention", false)
        .only("mid_block_scale_factor", 1)
        .only("num_attention_heads")
        .only("num_class_embeds")
        .only("only_cross_attention", false)
        .only("resnet_out_scale_factor", 1)
        .only("resnet_skip_time_act", false)
        .only("resnet_time_scale_shift", "default")
        .only("reverse_transformer_layers_per_block")
        .only("time_cond_proj_dim")
        .only("time_embedding_act_fn")
        .only("time_embedding_type", "positional")
        .only("timestep_post_act");
  }

  static ObjectNode write(UNet2dConditionConfig config) {
    String mid = config.midBlockType();
    TextTimeAddition addition = config.addition();
    return new ConfigWriter()
        .put("_class_name", "UNet2DConditionModel")
        .put("_diffusers_version", "0.21.0")
        .put("act_fn", "silu")
        .put("addition_embed_type", addition == null ? null : TEXT_TIME)
        .put("addition_time_embed_dim", addition == null ? null : addition.timeEmbedDim())
        .putPerLevel("attention_head_dim", config.attentionHeadDim())
        .put("block_out_channels", config.blockOutChannels())
        .put("center_input_sample", false)
        .put("conv_in_kernel", config.convInKernel())
        .put("conv_out_kernel", config.convOutKernel())
        .putPerLevel("cross_attention_dim", config.crossAttentionDim())
        .put("down_block_types", config.downBlockTypes())
        .put("downsample_padding", config.downsamplePadding())
        .put("dropout", 0.0)
        .put("dual_cross_attention", false)
        .put("flip_sin_to_cos", config.flipSinToCos())
        .put("freq_shift", ConfigWriter.whole(config.freqShift()))
        .put("in_channels", config.inChannels())
        .putPerLevel("layers_per_block", config.layersPerBlock())
        .put("mid_block_scale_factor", 1)
        .put("mid_block_type", mid.equals(NO_MID) ? null : mid)
        .put("norm_eps", config.normEps())
        .put("norm_num_groups", config.normNumGroups())
        .put("only_cross_attention", false)
        .put("out_channels", config.outChannels())
        .put("projection_class_embeddings_input_dim", addition == null ? null : addition.inputDim())
        .put("resnet_time_scale_shift", "default")
        .put("sample_size", config.sampleSize())
        .put("time_embedding_dim", config.timeEmbeddingDim())
        .put("time_embedding_type", "positional")
        .putPerLevel("transformer_layers_per_block", config.transformerLayersPerBlock())
        .put("up_block_types", config.upBlockTypes())
        .put("use_linear_projection", config.useLinearProjection())
        .toJson();
  }
}
