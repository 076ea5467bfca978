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
  private final List<BlockAttention> attentions = new ArrayList<>();
  private final Upsample2d upsampler;

  UpBlock(ParameterScope scope, int level, TrunkShape shape) {
    this.scope = scope;
    int out = shape.channels(level);
    int layers = shape.layersPerBlock().get(level) + 1;
    for (int i = 0; i < layers; i++) {
      int in = i == 0 ? shape.channels(level + 1) : out;
      int skip = i == layers - 1 ? shape.channels(level - 1) : out;
      resnets.add(shape.resnet(scope.child("resnets." + i), in + skip, out));
      attentions.add(shape.upAttentions().get(level).declare(scope.child("attentions." + i)));
    }
    this.upsampler = level == 0 ? null : new Upsample2d(scope.child("upsamplers.0"), out);
  }

  /**
   * x [N, H, W, in] → [N, 2H, 2W, out], or [N, H, W, out] at the highest level.
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
            Value both = Ops.concat(3, h, skips.removeLast());
            h = attentions.get(i).apply(resnets.get(i).apply(both, conditioning.time()), conditioning);
          }
          if (upsampler == null) {
            return h;
          }
          Value next = skips.getLast();
          return upsampler.apply(h, next.shape().dim(1), next.shape().dim(2));
        });
  }
}
