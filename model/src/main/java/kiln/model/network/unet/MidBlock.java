package kiln.model.network.unet;

import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.ResnetBlock2d;

/** The lowest level: a residual block, and, if it attends, attention and another residual block. */
final class MidBlock {
  private final ParameterScope scope;
  private final ResnetBlock2d first;
  private final Transformer2d attention;
  private final ResnetBlock2d second;

  MidBlock(ParameterScope scope, UNet2dConditionConfig config) {
    this.scope = scope;
    boolean attends = config.midBlockType().equals(UNet2dConditionConfig.CROSS_ATTENTION_MID);
    int channels = config.blockOutChannels().getLast();
    this.first = resnet(scope.child("resnets.0"), channels, config);
    this.attention =
        attends ? new Transformer2d(scope.child("attentions.0"), channels, config.numLevels() - 1, config) : null;
    this.second = attends ? resnet(scope.child("resnets.1"), channels, config) : null;
  }

  private static ResnetBlock2d resnet(ParameterScope scope, int channels, UNet2dConditionConfig config) {
    return new ResnetBlock2d(
        scope, channels, channels, config.timeEmbeddingDim(), config.normNumGroups(), config.normEps());
  }

  /** x [N, H, W, C] → the same. */
  Value apply(Value x, Conditioning conditioning) {
    return scope.trace(
        x.graph(),
        () -> {
          Value h = first.apply(x, conditioning.time());
          if (attention == null) {
            return h;
          }
          h = attention.apply(h, conditioning.text(), conditioning.mask());
          return second.apply(h, conditioning.time());
        });
  }
}
