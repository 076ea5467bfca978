package kiln.model.network.unet;

import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.ResnetBlock2d;

/** The lowest level: a residual block, and, where there are two, attention and the other residual block. */
final class MidBlock {
  private final ParameterScope scope;
  private final ResnetBlock2d first;
  private final BlockAttention attention;
  private final ResnetBlock2d second;

  MidBlock(ParameterScope scope, TrunkShape shape) {
    this.scope = scope;
    int channels = shape.channels(shape.numLevels() - 1);
    boolean two = shape.midResnets() == 2;
    this.first = shape.resnet(scope.child("resnets.0"), channels, channels);
    this.attention = two ? shape.midAttention().declare(scope.child("attentions.0")) : null;
    this.second = two ? shape.resnet(scope.child("resnets.1"), channels, channels) : null;
  }

  /** x [N, H, W, C] → the same. */
  Value apply(Value x, Conditioning conditioning) {
    return scope.trace(
        x.graph(),
        () -> {
          Value h = first.apply(x, conditioning.time());
          return second == null ? h : second.apply(attention.apply(h, conditioning), conditioning.time());
        });
  }
}
