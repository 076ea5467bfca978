package kiln.model.network.unet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.layer.Conv2dLayer;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.SelfAttention2d;
import kiln.model.network.unet.UNet2dConfig.ClassEmbedType;
import kiln.model.op.Ops;

/**
 * Predicts the noise in a picture at a time, steered by nothing or by a class: diffusers' {@code UNet2DModel} in the form of
 * Ho et al. 2020.
 *
 * <p>The timestep becomes the time embedding, in float32; {@link UNetTrunk} does the rest, in the type of the sample.
 */
public final class UNet2dModel {
  private static final int KERNEL = 3;

  private final UNet2dConfig config;
  private final ParameterScope scope;
  private final Sinusoids sinusoids;
  private final Conv2dLayer convIn;
  private final TimestepEmbeddingMlp timeEmbedding;
  private final ClassEmbedding classEmbedding; // null without classes
  private final UNetTrunk trunk;

  public UNet2dModel(UNet2dConfig config, ParameterScope scope) {
    this.config = config;
    this.scope = scope;
    int channels = config.blockOutChannels().getFirst();
    this.sinusoids = new Sinusoids("time_proj", channels, config.flipSinToCos(), config.freqShift());
    this.convIn = Conv2dLayer.same(scope.child("conv_in"), config.inChannels(), channels, KERNEL);
    this.timeEmbedding = new TimestepEmbeddingMlp(scope.child("time_embedding"), channels, config.timeEmbeddingDim());
    this.classEmbedding =
        config.classEmbedType() == ClassEmbedType.NONE
            ? null
            : new ClassEmbedding(scope.child("class_embedding"), config, sinusoids);
    this.trunk = new UNetTrunk(scope, shape(config));
  }

  private static TrunkShape shape(UNet2dConfig config) {
    int levels = config.numLevels();
    int groups = config.normNumGroups();
    List<BlockAttention.Factory> down = new ArrayList<>();
    List<BlockAttention.Factory> up = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      boolean attendsDown = config.downBlockTypes().get(level).equals(UNet2dConfig.ATTENTION_DOWN);
      boolean attendsUp = config.upBlockTypes().get(levels - 1 - level).equals(UNet2dConfig.ATTENTION_UP);
      down.add(attention(config, level, groups, attendsDown));
      up.add(attention(config, level, groups, attendsUp));
    }
    BlockAttention.Factory mid = attention(config, levels - 1, config.attnNormNumGroups(), config.addAttention());
    return new TrunkShape(
        config.blockOutChannels(), Collections.nCopies(levels, config.layersPerBlock()), down,
        config.hasMid() ? 2 : 0, mid, up, config.outChannels(), KERNEL, config.timeEmbeddingDim(), groups,
        config.normEps(), config.downsamplePadding());
  }

  private static BlockAttention.Factory attention(UNet2dConfig config, int level, int groups, boolean attends) {
    if (!attends) {
      return BlockAttention.Factory.NONE;
    }
    int channels = config.blockOutChannels().get(level);
    int headDim = config.attentionHeadDim() == 0 ? channels : config.attentionHeadDim();
    return scope -> {
      SelfAttention2d attention = new SelfAttention2d(scope, channels, headDim, groups, config.normEps());
      return (x, conditioning) -> attention.apply(x);
    };
  }

  public UNet2dConfig config() {
    return config;
  }

  public List<Parameter> parameters() {
    return scope.parameters();
  }

  /**
   * @param sample noisy pictures [N, H, W, inChannels], of any size, float32 or bfloat16
   * @param timesteps int32 or float32 [N]
   * @param classes null in a network without classes; int32 [N], each below {@code numClassEmbeds}, for a table; int32 or
   *     float32 [N] for TIMESTEP; float32 [N, timeEmbeddingDim] for IDENTITY
   * @return [N, H, W, outChannels], of the type of the sample
   */
  public Value apply(Value sample, Value timesteps, Value classes) {
    if ((classes == null) != (classEmbedding == null)) {
      throw new IllegalArgumentException("classes=" + classes + " for class embedding " + config.classEmbedType());
    }
    return scope.trace(
        sample.graph(),
        () -> {
          Value time = timeEmbedding.apply(sinusoids.apply(timesteps)); // [N, timeEmbeddingDim]
          Value steered = Ops.silu(classes == null ? time : Ops.add(time, classEmbedding.apply(classes)));
          Value typed = Ops.cast(steered, sample.type().dtype());
          return trunk.apply(convIn.apply(sample), new Conditioning(typed, null, null));
        });
  }
}
