package kiln.model.network.unet;

import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.network.ConfigReader;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sizes of a {@link UNet2dConditionModel}, by the names of diffusers' {@code UNet2DConditionModel}. Lists have one element per
 * level, from the highest resolution down (except {@code upBlockTypes}, from the lowest up).
 *
 * @param sampleSize side of the latents that the network was trained on; informative
 * @param midBlockType {@code UNetMidBlock2DCrossAttn}, {@code UNetMidBlock2D} (one residual block), or {@code none}
 * @param attentionHeadDim by an accident of naming the <em>number</em> of heads; head size = width / heads
 * @param downsamplePadding of the stride-2 convolutions; 0 means zeros at the right and bottom only
 * @param useLinearProjection whether attention blocks start and end with a linear layer or with a 1x1 convolution, which
 *     compute the same from weights of other shapes
 * @param flipSinToCos time embedding as [cos, sin]
 * @param timeEmbeddingDim width of the time embedding; diffusers' default is four times the first level's
 * @param addition conditions beside the text that are added to the time embedding; null if there are none
 */
public record UNet2dConditionConfig(
    int sampleSize,
    int inChannels,
    int outChannels,
    List<Integer> blockOutChannels,
    List<String> downBlockTypes,
    String midBlockType,
    List<String> upBlockTypes,
    List<Integer> layersPerBlock,
    List<Integer> attentionHeadDim,
    List<Integer> crossAttentionDim,
    List<Integer> transformerLayersPerBlock,
    int normNumGroups,
    double normEps,
    int downsamplePadding,
    boolean useLinearProjection,
    boolean flipSinToCos,
    double freqShift,
    int timeEmbeddingDim,
    int convInKernel,
    int convOutKernel,
    TextTimeAddition addition) {
  public static final String CROSS_ATTENTION_DOWN = "CrossAttnDownBlock2D";
  public static final String PLAIN_DOWN = "DownBlock2D";
  public static final String CROSS_ATTENTION_UP = "CrossAttnUpBlock2D";
  public static final String PLAIN_UP = "UpBlock2D";
  public static final String CROSS_ATTENTION_MID = "UNetMidBlock2DCrossAttn";
  public static final String PLAIN_MID = "UNetMidBlock2D";
  public static final String NO_MID = "none";

  public UNet2dConditionConfig {
    blockOutChannels = List.copyOf(blockOutChannels);
    downBlockTypes = List.copyOf(downBlockTypes);
    upBlockTypes = List.copyOf(upBlockTypes);
    layersPerBlock = List.copyOf(layersPerBlock);
    attentionHeadDim = List.copyOf(attentionHeadDim);
    crossAttentionDim = List.copyOf(crossAttentionDim);
    transformerLayersPerBlock = List.copyOf(transformerLayersPerBlock);

    int levels = blockOutChannels.size();
    require(levels > 0, "block_out_channels: expected at least one level");
    oneOf("down_block_types", downBlockTypes, levels, List.of(CROSS_ATTENTION_DOWN, PLAIN_DOWN));
    oneOf("up_block_types", upBlockTypes, levels, List.of(CROSS_ATTENTION_UP, PLAIN_UP));
    oneOf("mid_block_type", List.of(midBlockType), 1, List.of(CROSS_ATTENTION_MID, PLAIN_MID, NO_MID));
    positive("layers_per_block", layersPerBlock, levels);
    positive("attention_head_dim", attentionHeadDim, levels);
    positive("cross_attention_dim", crossAttentionDim, levels);
    positive("transformer_layers_per_block", transformerLayersPerBlock, levels);
    positive("in_channels, out_channels, sample_size", List.of(inChannels, outChannels, sampleSize), 3);
    positive("time_embedding_dim, norm_num_groups", List.of(timeEmbeddingDim, normNumGroups), 2);
    for (int i = 0; i < levels; i++) {
      int channels = blockOutChannels.get(i);
      require(
          channels > 0 && channels % normNumGroups == 0,
          "block_out_channels: found " + channels + ", expected a multiple of norm_num_groups, " + normNumGroups);
      boolean attends = downBlockTypes.get(i).equals(CROSS_ATTENTION_DOWN);
      attends |= upBlockTypes.get(levels - 1 - i).equals(CROSS_ATTENTION_UP);
      attends |= i == levels - 1 && midBlockType.equals(CROSS_ATTENTION_MID);
      require(
          !attends || attentionHeadDim.get(i) <= channels,
          "attention_head_dim: found " + attentionHeadDim.get(i) + " heads for " + channels + " channels");
    }
    boolean frequencies = blockOutChannels.getFirst() / 2 > freqShift;
    require(frequencies, "block_out_channels: the first level is too narrow for a time embedding with freq_shift " + freqShift);
    require(downsamplePadding >= 0, "downsample_padding: found " + downsamplePadding);
    require(convInKernel % 2 == 1, "conv_in_kernel: found " + convInKernel + ", expected an odd number");
    require(convOutKernel % 2 == 1, "conv_out_kernel: found " + convOutKernel + ", expected an odd number");
  }

  /** Without added conditions. */
  public UNet2dConditionConfig(
      int sampleSize,
      int inChannels,
      int outChannels,
      List<Integer> blockOutChannels,
      List<String> downBlockTypes,
      String midBlockType,
      List<String> upBlockTypes,
      List<Integer> layersPerBlock,
      List<Integer> attentionHeadDim,
      List<Integer> crossAttentionDim,
      List<Integer> transformerLayersPerBlock,
      int normNumGroups,
      double normEps,
      int downsamplePadding,
      boolean useLinearProjection,
      boolean flipSinToCos,
      double freqShift,
      int timeEmbeddingDim,
      int convInKernel,
      int convOutKernel) {
    this(
        sampleSize, inChannels, outChannels, blockOutChannels, downBlockTypes, midBlockType, upBlockTypes, layersPerBlock,
        attentionHeadDim, crossAttentionDim, transformerLayersPerBlock, normNumGroups, normEps, downsamplePadding,
        useLinearProjection, flipSinToCos, freqShift, timeEmbeddingDim, convInKernel, convOutKernel, null);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static void positive(String field, List<Integer> values, int count) {
    boolean good = values.size() == count && values.stream().allMatch(v -> v > 0);
    require(good, field + ": found " + values + ", expected " + count + " positive numbers");
  }

  private static void oneOf(String field, List<String> values, int count, List<String> accepted) {
    boolean good = values.size() == count && accepted.containsAll(values);
    require(good, field + ": found " + values + ", expected " + count + " of " + accepted);
  }

  public int numLevels() {
    return blockOutChannels.size();
  }

  /**
   * @throws UserException if the file is damaged or asks for something that is not implemented
   */
  public static UNet2dConditionConfig read(Path configJson) {
    return UNet2dConditionJson.read(ConfigReader.open(configJson));
  }

  /** As {@link #read(Path)}, with the defaults of diffusers for missing fields. */
  public static UNet2dConditionConfig read(ConfigReader in) {
    return UNet2dConditionJson.read(in);
  }

  /** What diffusers reads back as a {@code UNet2DConditionModel}. */
  public ObjectNode toJson() {
    return UNet2dConditionJson.write(this);
  }
}
