package kiln.model.layer;

import kiln.model.graph.Value;
import kiln.model.op.UpsampleNearest;

/** Nearest-neighbour enlargement, then a 3x3 convolution, as diffusers' {@code Upsample2D}. */
public final class Upsample2d {
  private final ParameterScope scope;
  private final Conv2dLayer conv;

  public Upsample2d(ParameterScope scope, int channels) {
    this.scope = scope;
    this.conv = Conv2dLayer.same(scope.child("conv"), channels, channels, 3);
  }

  /** x [N, H, W, C] → [N, 2H, 2W, C]. */
  public Value apply(Value x) {
    return apply(x, 2 * x.shape().dim(1), 2 * x.shape().dim(2));
  }

  /** x [N, H, W, C] → [N, height, width, C]. */
  public Value apply(Value x, int height, int width) {
    return scope.trace(x.graph(), () -> conv.apply(x.graph().apply(new UpsampleNearest(height, width), x)));
  }
}
