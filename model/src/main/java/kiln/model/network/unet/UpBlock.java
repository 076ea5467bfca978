package kiln.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.ResnetBlock2d;
import kiln.model.layer.Upsample2d;
import kiln.model.op.Ops;

/**
 * One level on the way up: residual blocks that read the feature maps of the way down beside their input, each followed by
 * attention at the levels that have it, then twice the size.
 */
final class UpBlock {
  private final ParameterScope scope;
  private final List<ResnetBlock2d> resnets = new ArrayList<>();
  private final List<Transformer2d> attentions = new ArrayList<>();
  private final Upsample2d upsampler;

  /**
   * @param index of the block, 0 at the lowest resolution; block {@code index} stands at level {@code numLevels - 1 - index}
   */
  UpBlock(ParameterScope scope, int index, UNet2dConditionConfig config) {
    this.scope = scope;
    int level = config.numLevels() - 1 - index;
    int out = config.blockOutChannels().get(level);
    int previous = config.blockOutChannels().get(Math.min(level + 1, config.numLevels() - 1));
    int lastSkip = config.blockOutChannels().get(Math.max(0, level - 1));
    boolean attends = config.upBlockTypes().get(index).equals(UNet2dConditionConfig.CROSS_ATTENTION_UP);
    int layers = config.layersPerBlock().get(level) + 1;
    for (int i = 0; i < layers; i++) {
      int skip = i == layers - 1 ? lastSkip : out;
      resnets.add(
          new ResnetBlock2d(
              scope.child("resnets." + i),
              (i == 0 ? previous : out) + skip,
              out,
              config.timeEmbeddingDim(),
              config.normNumGroups(),
              config.normEps()));
      if (attends) {
        attentions.add(new Transformer2d(scope.child("attentions." + i), out, level, config));
      }
    }
    this.upsampler = level == 0 ? null : new Upsample2d(scope.child("upsamplers.0"), out);
  }

  /**
   * x [N, H, W, previous] → [N, 2H, 2W, out], or [N, H, W, out] at the highest level.
   *
   * @param skips feature maps of the way down, the latest last; this block removes those that it reads, and enlarges its
   *     result to the size of the next one, which differs from twice its own where the size was odd on the way down
   */
  Value apply(Value x, Conditioning conditioning, List<Value> skips) {
    return scope.trace(
        x.graph(),
        () -> {
          Value h = x;
          for (int i = 0; i < resnets.size(); i++) {
            h = resnets.get(i).apply(Ops.concat(3, h, skips.removeLast()), conditioning.time());
            if (!attentions.isEmpty()) {
              h = attentions.get(i).apply(h, conditioning.text(), conditioning.mask());
            }
          }
          if (upsampler == null) {
            return h;
          }
          Value next = skips.getLast();
          return upsampler.apply(h, next.shape().dim(1), next.shape().dim(2));
        });
  }
}
