package kiln.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Value;
import kiln.model.layer.Downsample2d;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.ResnetBlock2d;

/** One level on the way down: residual blocks, each followed by attention at the levels that have it, then half the size. */
final class DownBlock {
  private final ParameterScope scope;
  private final List<ResnetBlock2d> resnets = new ArrayList<>();
  private final List<Transformer2d> attentions = new ArrayList<>();
  private final Downsample2d downsampler;

  DownBlock(ParameterScope scope, int level, UNet2dConditionConfig config) {
    this.scope = scope;
    int in = config.blockOutChannels().get(Math.max(0, level - 1));
    int out = config.blockOutChannels().get(level);
    boolean attends = config.downBlockTypes().get(level).equals(UNet2dConditionConfig.CROSS_ATTENTION_DOWN);
    for (int i = 0; i < config.layersPerBlock().get(level); i++) {
      resnets.add(
          new ResnetBlock2d(
              scope.child("resnets." + i),
              i == 0 ? in : out,
              out,
              config.timeEmbeddingDim(),
              config.normNumGroups(),
              config.normEps()));
      if (attends) {
        attentions.add(new Transformer2d(scope.child("attentions." + i), out, level, config));
      }
    }
    boolean last = level == config.numLevels() - 1;
    this.downsampler =
        last ? null : new Downsample2d(scope.child("downsamplers.0"), out, config.downsamplePadding());
  }

  /**
   * x [N, H, W, in] → [N, H/2, W/2, out], or [N, H, W, out] at the last level.
   *
   * @param skips takes the feature maps that the way up will read
   */
  Value apply(Value x, Conditioning conditioning, List<Value> skips) {
    return scope.trace(
        x.graph(),
        () -> {
          Value h = x;
          for (int i = 0; i < resnets.size(); i++) {
            h = resnets.get(i).apply(h, conditioning.time());
            if (!attentions.isEmpty()) {
              h = attentions.get(i).apply(h, conditioning.text(), conditioning.mask());
            }
            skips.add(h);
          }
          if (downsampler != null) {
            h = downsampler.apply(h);
            skips.add(h);
          }
          return h;
        });
  }
}
