package kiln.model.layer;

import kiln.model.graph.Value;
import kiln.model.op.ConvGeometry;

/**
 * Halves a feature map by a 3x3 convolution of stride 2, as diffusers' {@code Downsample2D}. Padding 0 means one row of zeros
 * at the bottom and one column at the right, which is how the autoencoders were trained.
 */
public final class Downsample2d {
  private final ParameterScope scope;
  private final Conv2dLayer conv;

  public Downsample2d(ParameterScope scope, int channels, int padding) {
    this.scope = scope;
    ConvGeometry geometry =
        padding == 0 ? new ConvGeometry(1, 2, 2, 1, 1, 0, 1, 0, 1) : ConvGeometry.square(2, padding);
    this.conv = new Conv2dLayer(scope.child("conv"), channels, channels, 3, geometry);
  }

  /** x [N, H, W, C] → [N, about H/2, about W/2, C]. */
  public Value apply(Value x) {
    return scope.trace(x.graph(), () -> conv.apply(x));
  }
}
