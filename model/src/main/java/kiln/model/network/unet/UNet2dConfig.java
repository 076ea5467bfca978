package kiln.model.network.unet;

import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.network.ConfigReader;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sizes of a {@link UNet2dModel}, by the names of diffusers' {@code UNet2DModel}. Lists have one element per level, from the
 * highest resolution down (except {@code upBlockTypes}, from the lowest up).
 *
 * @param sampleSize side of the pictures that the network was trained on; 0 if the file does not say
 * @param layersPerBlock residual blocks of a level on the way down; there is one more on the way up
 * @param attentionHeadDim width of an attention head; 0 for one head of the level's width
 * @param hasMid whether there is a block at the lowest level
 * @param addAttention whether that block attends
 * @param attnNormNumGroups groups of the norm before that attention
 * @param downsamplePadding of the stride-2 convolutions; 0 means zeros at the right and bottom only
 * @param flipSinToCos time embedding as [cos, sin]
 * @param timeEmbeddingDim width of the time embedding; diffusers' default is four times the first level's
 * @param numClassEmbeds number of classes with {@link ClassEmbedType#TABLE}, else 0
 */
public record UNet2dConfig(
    int sampleSize,
    int inChannels,
    int outChannels,
    List<Integer> blockOutChannels,
    List<String> downBlockTypes,
    List<String> upBlockTypes,
    int layersPerBlock,
    int attentionHeadDim,
    boolean hasMid,
    boolean addAttention,
    int attnNormNumGroups,
    int normNumGroups,
    double normEps,
    int downsamplePadding,
    boolean flipSinToCos,
    double freqShift,
    int timeEmbeddingDim,
    ClassEmbedType classEmbedType,
    int numClassEmbeds) {
  public static final String PLAIN_DOWN = "DownBlock2D";
  public static final String ATTENTION_DOWN = "AttnDownBlock2D";
  public static final String PLAIN_UP = "UpBlock2D";
  public static final String ATTENTION_UP = "AttnUpBlock2D";

  /** What a class is, and how it becomes a vector that is added to the time embedding. */
  public enum ClassEmbedType {
    /** The network knows no classes. */
    NONE,
    /** A number that selects a row of a learned table. */
    TABLE,
    /** A number that is encoded as a timestep is, with weights of its own. */
    TIMESTEP,
    /** A vector that is added as it is. */
    IDENTITY
  }

  public UNet2dConfig {
    blockOutChannels = List.copyOf(blockOutChannels);
    downBlockTypes = List.copyOf(downBlockTypes);
    upBlockTypes = List.copyOf(upBlockTypes);

    int levels = blockOutChannels.size();
    require(levels > 0, "block_out_channels: expected at least one level");
    oneOf("down_block_types", downBlockTypes, levels, List.of(ATTENTION_DOWN, PLAIN_DOWN));
    oneOf("up_block_types", upBlockTypes, levels, List.of(ATTENTION_UP, PLAIN_UP));
    positive("in_channels", inChannels);
    positive("out_channels", outChannels);
    positive("layers_per_block", layersPerBlock);
    positive("norm_num_groups", normNumGroups);
    positive("attn_norm_num_groups", attnNormNumGroups);
    positive("time_embedding_dim", timeEmbeddingDim);
    require(sampleSize >= 0, "sample_size: found " + sampleSize);
    require(attentionHeadDim >= 0, "attention_head_dim: found " + attentionHeadDim);
    require(downsamplePadding >= 0, "downsample_padding: found " + downsamplePadding);
    for (int i = 0; i < levels; i++) {
      boolean attends = downBlockTypes.get(i).equals(ATTENTION_DOWN) || upBlockTypes.get(levels - 1 - i).equals(ATTENTION_UP);
      boolean attendsInMid = i == levels - 1 && hasMid && addAttention;
      int channels = blockOutChannels.get(i);
      divides("norm_num_groups", normNumGroups, channels);
      require(
          !(attends || attendsInMid) || attentionHeadDim <= channels,
          "attention_head_dim: found " + attentionHeadDim + " for " + channels + " channels");
      if (attendsInMid) {
        divides("attn_norm_num_groups", attnNormNumGroups, channels);
      }
    }
    boolean frequencies = blockOutChannels.getFirst() / 2 > freqShift;
    require(frequencies, "block_out_channels: the first level is too narrow for a time embedding with freq_shift " + freqShift);
    boolean table = classEmbedType == ClassEmbedType.TABLE;
    require(table == numClassEmbeds > 0, "num_class_embeds: found " + numClassEmbeds);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static void positive(String field, int value) {
    require(value > 0, field + ": found " + value + ", expected a positive number");
  }

  private static void divides(String field, int groups, int channels) {
    boolean good = channels > 0 && channels % groups == 0;
    require(good, "block_out_channels: found " + channels + ", expected a multiple of " + field + ", " + groups);
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
  public static UNet2dConfig read(Path configJson) {
    return read(ConfigReader.open(configJson));
  }

  /** As {@link #read(Path)}, with the defaults of diffusers for missing fields. */
  public static UNet2dConfig read(ConfigReader in) {
    return UNet2dJson.read(in);
  }

  /** What diffusers reads back as a {@code UNet2DModel}. */
  public ObjectNode toJson() {
    return UNet2dJson.write(this);
  }
}
