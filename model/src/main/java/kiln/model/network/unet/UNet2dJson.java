package kiln.model.network.unet;

import static kiln.model.network.unet.UNet2dConfig.ATTENTION_DOWN;
import static kiln.model.network.unet.UNet2dConfig.ATTENTION_UP;
import static kiln.model.network.unet.UNet2dConfig.PLAIN_DOWN;
import static kiln.model.network.unet.UNet2dConfig.PLAIN_UP;

import java.util.List;
import kiln.model.network.ConfigReader;
import kiln.model.network.ConfigWriter;
import kiln.model.network.unet.UNet2dConfig.ClassEmbedType;
import tools.jackson.databind.node.ObjectNode;

/** {@link UNet2dConfig} as diffusers' config.json, and which of diffusers' many variants are refused. */
final class UNet2dJson {
  private static final String MID = "UNetMidBlock2D";
  private static final String NONE = "";

  private UNet2dJson() {}

  static UNet2dConfig read(ConfigReader in) {
    refuseVariants(in);
    in.harmless("num_train_timesteps"); // of the learned time embedding, which is refused

    List<Integer> channels = in.integers("block_out_channels", List.of(224, 448, 672, 896));
    List<String> down =
        in.texts("down_block_types", List.of(PLAIN_DOWN, ATTENTION_DOWN, ATTENTION_DOWN, ATTENTION_DOWN));
    List<String> up = in.texts("up_block_types", List.of(ATTENTION_UP, ATTENTION_UP, ATTENTION_UP, PLAIN_UP));
    int sampleSize = in.integerOrNull("sample_size", 0);
    int inChannels = in.integer("in_channels", 3);
    int outChannels = in.integer("out_channels", 3);
    int layers = in.integer("layers_per_block", 2);
    int headDim = in.has("attention_head_dim") ? in.integerOrNull("attention_head_dim", 0) : 8;
    boolean hasMid = in.text("mid_block_type", MID, NONE).equals(MID);
    boolean addAttention = in.flag("add_attention", true);
    int groups = in.integer("norm_num_groups", 32);
    int attentionGroups = in.integerOrNull("attn_norm_num_groups", groups);
    double epsilon = in.number("norm_eps", 1e-5);
    int padding = in.integer("downsample_padding", 1);
    boolean flip = in.flag("flip_sin_to_cos", true);
    double shift = in.number("freq_shift", 0);
    int timeDim = in.integerOrNull("time_embedding_dim", channels.isEmpty() ? 0 : 4 * channels.getFirst());
    int numClasses = in.integerOrNull("num_class_embeds", 0);
    ClassEmbedType classes =
        switch (in.text("class_embed_type", NONE, NONE)) {
          case "timestep" -> ClassEmbedType.TIMESTEP;
          case "identity" -> ClassEmbedType.IDENTITY;
          default -> numClasses == 0 ? ClassEmbedType.NONE : ClassEmbedType.TABLE;
        };
    in.finish();
    try {
      return new UNet2dConfig(
          sampleSize, inChannels, outChannels, channels, down, up, layers, headDim, hasMid, addAttention, attentionGroups,
          groups, epsilon, padding, flip, shift, timeDim, classes, classes == ClassEmbedType.TABLE ? numClasses : 0);
    } catch (IllegalArgumentException e) {
      throw in.invalid(e);
    }
  }

  /** Fields that would change what is computed, with the only values that are implemented. */
  private static void refuseVariants(ConfigReader in) {
    in.only("_class_name", "UNet2DModel")
        .only("act_fn", "silu", "swish")
        .only("attention_legacy_order", false)
        .only("center_input_sample", false)
        .only("class_embed_type", "timestep", "identity")
        .only("downsample_type", "conv")
        .only("dropout", 0)
        .only("mid_block_scale_factor", 1)
        .only("mid_block_type", MID)
        .only("resnet_time_scale_shift", "default")
        .only("time_embedding_type", "positional")
        .only("upsample_type", "conv");
  }

  static ObjectNode write(UNet2dConfig config) {
    ClassEmbedType classes = config.classEmbedType();
    String classEmbedType =
        switch (classes) {
          case NONE, TABLE -> null;
          case TIMESTEP -> "timestep";
          case IDENTITY -> "identity";
        };
    boolean ownGroups = config.attnNormNumGroups() != config.normNumGroups();
    boolean ownTimeDim = config.timeEmbeddingDim() != 4 * config.blockOutChannels().getFirst();
    return new ConfigWriter()
        .put("_class_name", "UNet2DModel")
        .put("_diffusers_version", "0.21.0")
        .put("act_fn", "silu")
        .put("add_attention", config.addAttention())
        .put("attention_head_dim", config.attentionHeadDim() == 0 ? null : config.attentionHeadDim())
        .put("attn_norm_num_groups", ownGroups ? config.attnNormNumGroups() : null)
        .put("block_out_channels", config.blockOutChannels())
        .put("center_input_sample", false)
        .put("class_embed_type", classEmbedType)
        .put("down_block_types", config.downBlockTypes())
        .put("downsample_padding", config.downsamplePadding())
        .put("downsample_type", "conv")
        .put("dropout", 0.0)
        .put("flip_sin_to_cos", config.flipSinToCos())
        .put("freq_shift", ConfigWriter.whole(config.freqShift()))
        .put("in_channels", config.inChannels())
        .put("layers_per_block", config.layersPerBlock())
        .put("mid_block_scale_factor", 1)
        .put("mid_block_type", config.hasMid() ? MID : null)
        .put("norm_eps", config.normEps())
        .put("norm_num_groups", config.normNumGroups())
        .put("num_class_embeds", classes == ClassEmbedType.TABLE ? config.numClassEmbeds() : null)
        .put("out_channels", config.outChannels())
        .put("resnet_time_scale_shift", "default")
        .put("sample_size", config.sampleSize() == 0 ? null : config.sampleSize())
        .put("time_embedding_dim", ownTimeDim ? config.timeEmbeddingDim() : null)
        .put("time_embedding_type", "positional")
        .put("up_block_types", config.upBlockTypes())
        .put("upsample_type", "conv")
        .toJson();
  }
}
