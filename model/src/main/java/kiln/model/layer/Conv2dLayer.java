package kiln.model.layer;

import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.ConvGeometry;
import kiln.model.op.Ops;

/**
 * Convolution with bias; weight [out, in, kernel, kernel]. Starts as PyTorch's {@code nn.Conv2d}, uniform within
 * ±1/√(in·kernel²).
 */
public final class Conv2dLayer {
  private final ParameterScope scope;
  private final ConvGeometry geometry;
  private final Parameter weight;
  private final Parameter bias;

  public Conv2dLayer(ParameterScope scope, int in, int out, int kernel, ConvGeometry geometry) {
    this.scope = scope;
    this.geometry = geometry;
    long fanIn = (long) in * kernel * kernel;
    this.weight = scope.parameter("weight", Shape.of(out, in, kernel, kernel), Initializers.fanIn(fanIn));
    this.bias = scope.parameter("bias", Shape.of(out), Initializers.fanIn(fanIn));
  }

  /** Stride 1, and a padding that keeps the size (for odd kernels). */
  public static Conv2dLayer same(ParameterScope scope, int in, int out, int kernel) {
    return new Conv2dLayer(scope, in, out, kernel, ConvGeometry.square(1, (kernel - 1) / 2));
  }

  /** x [N, H, W, in] → [N, Ho, Wo, out]. */
  public Value apply(Value x) {
    return scope.trace(
        x.graph(), () -> Ops.conv2d(x, x.graph().parameter(weight), x.graph().parameter(bias), geometry));
  }
}
