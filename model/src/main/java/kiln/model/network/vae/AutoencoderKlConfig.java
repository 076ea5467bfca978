package kiln.model.network.vae;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.network.ConfigReader;
import kiln.model.network.ConfigWriter;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sizes of an {@link AutoencoderKl}, by the names of diffusers' {@code AutoencoderKL}.
 *
 * @param blockOutChannels widths from the highest resolution down; each level but the last halves the size
 * @param layersPerBlock residual blocks per level of the encoder; the decoder has one more
 * @param scalingFactor multiplies latents before diffusion, so that their variance is near one; not applied by the network
 * @param sampleSize side of the images that the network was trained on; informative
 */
public record AutoencoderKlConfig(
    int sampleSize,
    int inChannels,
    int outChannels,
    int latentChannels,
    List<Integer> blockOutChannels,
    int layersPerBlock,
    int normNumGroups,
    double scalingFactor,
    boolean useQuantConv,
    boolean usePostQuantConv,
    boolean midBlockAddAttention) {
  private static final String DOWN = "DownEncoderBlock2D";
  private static final String UP = "UpDecoderBlock2D";

  public AutoencoderKlConfig {
    blockOutChannels = List.copyOf(blockOutChannels);
    require(!blockOutChannels.isEmpty(), "block_out_channels: expected at least one level");
    for (int size : new int[] {sampleSize, inChannels, outChannels, latentChannels, layersPerBlock, normNumGroups}) {
      require(
          size > 0,
          "sample_size, in_channels, out_channels, latent_channels, layers_per_block and norm_num_groups must be positive");
    }
    for (int channels : blockOutChannels) {
      require(
          channels > 0 && channels % normNumGroups == 0,
          "block_out_channels: found " + channels + ", expected a multiple of norm_num_groups, " + normNumGroups);
    }
    require(scalingFactor > 0, "scaling_factor: found " + scalingFactor + ", expected a positive number");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** The autoencoder of stabilityai/stable-diffusion-2-1: 83,653,863 parameters. */
  public static AutoencoderKlConfig stableDiffusion21() {
    return new AutoencoderKlConfig(768, 3, 3, 4, List.of(128, 256, 512, 512), 2, 32, 0.18215, true, true, true);
  }

  public int numLevels() {
    return blockOutChannels.size();
  }

  /** By how much a latent is smaller than its image, in each direction. */
  public int reduction() {
    return 1 << (numLevels() - 1);
  }

  /**
   * @throws UserException if the file is damaged or asks for something that is not implemented
   */
  public static AutoencoderKlConfig read(Path configJson) {
    return read(ConfigReader.open(configJson));
  }

  /** As {@link #read(Path)}, with the defaults of diffusers for missing fields. */
  public static AutoencoderKlConfig read(ConfigReader in) {
    in.only("_class_name", "AutoencoderKL").only("act_fn", "silu", "swish");
    in.only("latents_mean").only("latents_std").only("shift_factor", 0);
    in.harmless("force_upcast");
    List<Integer> channels = in.integers("block_out_channels", List.of(64));
    blockTypes(in, "down_block_types", DOWN, channels.size());
    blockTypes(in, "up_block_types", UP, channels.size());
    int sampleSize = in.integer("sample_size", 32);
    int inChannels = in.integer("in_channels", 3);
    int outChannels = in.integer("out_channels", 3);
    int latentChannels = in.integer("latent_channels", 4);
    int layers = in.integer("layers_per_block", 1);
    int groups = in.integer("norm_num_groups", 32);
    double scaling = in.number("scaling_factor", 0.18215);
    boolean quant = in.flag("use_quant_conv", true);
    boolean postQuant = in.flag("use_post_quant_conv", true);
    boolean attention = in.flag("mid_block_add_attention", true);
    in.finish();
    try {
      return new AutoencoderKlConfig(
          sampleSize, inChannels, outChannels, latentChannels, channels, layers, groups, scaling, quant, postQuant, attention);
    } catch (IllegalArgumentException e) {
      throw in.invalid(e);
    }
  }

  private static void blockTypes(ConfigReader in, String field, String type, int levels) {
    List<String> expected = Collections.nCopies(levels, type);
    List<String> found = in.texts(field, List.of(type));
    if (!found.equals(expected)) {
      throw in.invalid(new IllegalArgumentException(field + ": found " + found + ", expected " + expected));
    }
  }

  /** What diffusers reads back as an {@code AutoencoderKL}. */
  public ObjectNode toJson() {
    return new ConfigWriter()
        .put("_class_name", "AutoencoderKL")
        .put("_diffusers_version", "0.21.0")
        .put("act_fn", "silu")
        .put("block_out_channels", blockOutChannels)
        .put("down_block_types", Collections.nCopies(numLevels(), DOWN))
        .put("force_upcast", true)
        .put("in_channels", inChannels)
        .put("latent_channels", latentChannels)
        .put("layers_per_block", layersPerBlock)
        .put("mid_block_add_attention", midBlockAddAttention)
        .put("norm_num_groups", normNumGroups)
        .put("out_channels", outChannels)
        .put("sample_size", sampleSize)
        .put("scaling_factor", scalingFactor)
        .put("up_block_types", Collections.nCopies(numLevels(), UP))
        .put("use_post_quant_conv", usePostQuantConv)
        .put("use_quant_conv", useQuantConv)
        .toJson();
  }
}
