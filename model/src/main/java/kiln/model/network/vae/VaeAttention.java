package kiln.model.network.vae;

import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.layer.GroupNormLayer;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;

/** Self-attention over the positions of a feature map, one head of full width, with biases, added to its input. */
final class VaeAttention {
  private static final int NUM_HEADS = 1;

  private final ParameterScope scope;
  private final GroupNormLayer groupNorm;
  private final Linear toQ;
  private final Linear toK;
  private final Linear toV;
  private final Linear toOut;

  VaeAttention(ParameterScope scope, int channels, int numGroups, double epsilon) {
    this.scope = scope;
    this.groupNorm = new GroupNormLayer(scope.child("group_norm"), channels, numGroups, epsilon);
    this.toQ = new Linear(scope.child("to_q"), channels, channels);
    this.toK = new Linear(scope.child("to_k"), channels, channels);
    this.toV = new Linear(scope.child("to_v"), channels, channels);
    this.toOut = new Linear(scope.child("to_out.0"), channels, channels);
  }

  /** x [N, H, W, C] → the same. */
  Value apply(Value x) {
    return scope.trace(
        x.graph(),
        () -> {
          Shape map = x.shape();
          Shape sequence = Shape.of(map.dim(0), map.dim(1) * map.dim(2), map.last());
          float scale = (float) (1 / Math.sqrt(map.last()));
          Value h = Ops.reshape(groupNorm.apply(x), sequence); // [N, H·W, C]
          h = Ops.attention(toQ.apply(h), toK.apply(h), toV.apply(h), NUM_HEADS, scale, null, null);
          return Ops.add(x, Ops.reshape(toOut.apply(h), map));
        });
  }
}
