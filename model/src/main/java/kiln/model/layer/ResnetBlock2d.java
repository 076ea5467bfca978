package kiln.model.layer;

import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.Ops;

/**
 * Residual block of diffusers' {@code ResnetBlock2D}: norm, SiLU, 3x3 convolution, twice; the time embedding is added between
 * the two, and a 1x1 convolution brings the input to the width of the output if they differ.
 */
public final class ResnetBlock2d {
  private final ParameterScope scope;
  private final GroupNormLayer norm1;
  private final Conv2dLayer conv1;
  private final Linear timeEmbProj;
  private final GroupNormLayer norm2;
  private final Conv2dLayer conv2;
  private final Conv2dLayer convShortcut;

  /**
   * @param timeChannels width of the time embedding; 0 for a block without one
   */
  public ResnetBlock2d(ParameterScope scope, int in, int out, int timeChannels, int numGroups, double epsilon) {
    this.scope = scope;
    this.norm1 = new GroupNormLayer(scope.child("norm1"), in, numGroups, epsilon);
    this.conv1 = Conv2dLayer.same(scope.child("conv1"), in, out, 3);
    this.timeEmbProj = timeChannels == 0 ? null : new Linear(scope.child("time_emb_proj"), timeChannels, out);
    this.norm2 = new GroupNormLayer(scope.child("norm2"), out, numGroups, epsilon);
    this.conv2 = Conv2dLayer.same(scope.child("conv2"), out, out, 3);
    this.convShortcut = in == out ? null : Conv2dLayer.same(scope.child("conv_shortcut"), in, out, 1);
  }

  /** x [N, H, W, in] → [N, H, W, out], in a block without time embedding. */
  public Value apply(Value x) {
    return apply(x, null);
  }

  /**
   * x [N, H, W, in] → [N, H, W, out].
   *
   * @param time SiLU of the time embedding, [N, timeChannels]; taken once for all blocks by the caller
   */
  public Value apply(Value x, Value time) {
    return scope.trace(
        x.graph(),
        () -> {
          Value skip = convShortcut == null ? x : convShortcut.apply(x); // first: norm1 can then write over x
          Value h = conv1.apply(norm1.applyWithSilu(x)); // [N, H, W, out]
          if (timeEmbProj != null) {
            Value t = timeEmbProj.apply(time); // [N, out]
            h = Ops.add(h, Ops.reshape(t, Shape.of(t.shape().dim(0), 1, 1, t.shape().last())));
          }
          h = conv2.apply(norm2.applyWithSilu(h));
          return Ops.add(skip, h);
        });
  }
}
