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
  private final List<BlockAttention> attentions = new ArrayList<>();
  private final Downsample2d downsampler;

  DownBlock(ParameterScope scope, int level, TrunkShape shape) {
    this.scope = scope;
    int in = shape.channels(level - 1);
    int out = shape.channels(level);
    for (int i = 0; i < shape.layersPerBlock().get(level); i++) {
      resnets.add(shape.resnet(scope.child("resnets." + i), i == 0 ? in : out, out));
      attentions.add(shape.downAttentions().get(level).declare(scope.child("attentions." + i)));
    }
    boolean last = level == shape.numLevels() - 1;
    this.downsampler =
        last ? null : new Downsample2d(scope.child("downsamplers.0"), out, shape.downsamplePadding());
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
            h = attentions.get(i).apply(resnets.get(i).apply(h, conditioning.time()), conditioning);
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
