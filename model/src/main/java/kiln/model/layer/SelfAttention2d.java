package kiln.model.layer;

import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.Ops;

/**
 * Self-attention over the positions of a feature map behind a group norm, added to its input: diffusers' attention of the
 * autoencoder and of {@code AttnDownBlock2D} and {@code AttnUpBlock2D}. All projections have biases; scores are scaled by
 * headDim^-½.
 */
public final class SelfAttention2d {
  private final ParameterScope scope;
  private final int numHeads;
  private final float scale;
  private final GroupNormLayer groupNorm;
  private final Linear toQ;
  private final Linear toK;
  private final Linear toV;
  private final Linear toOut;

  /**
   * @param headDim width of a head; as many heads as fit into {@code channels} attend
   */
  public SelfAttention2d(ParameterScope scope, int channels, int headDim, int numGroups, double epsilon) {
    this.scope = scope;
    this.numHeads = channels / headDim;
    this.scale = (float) (1 / Math.sqrt(headDim));
    int inner = numHeads * headDim;
    this.groupNorm = new GroupNormLayer(scope.child("group_norm"), channels, numGroups, epsilon);
    this.toQ = new Linear(scope.child("to_q"), channels, inner);
    this.toK = new Linear(scope.child("to_k"), channels, inner);
    this.toV = new Linear(scope.child("to_v"), channels, inner);
    this.toOut = new Linear(scope.child("to_out.0"), inner, channels);
  }

  /** x [N, H, W, C] → the same. */
  public Value apply(Value x) {
    return scope.trace(
        x.graph(),
        () -> {
          Shape map = x.shape();
          Shape sequence = Shape.of(map.dim(0), map.dim(1) * map.dim(2), map.last());
          Value h = Ops.reshape(groupNorm.apply(x), sequence); // [N, H·W, C]
          h = Ops.attention(toQ.apply(h), toK.apply(h), toV.apply(h), numHeads, scale, null, null);
          return Ops.add(x, Ops.reshape(toOut.apply(h), map));
        });
  }
}
