package kiln.model.network.unet;

import kiln.model.graph.Value;
import kiln.model.layer.KeyMask;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;

/**
 * Multi-head attention from a feature map to a context, or to itself: to_q, to_k and to_v without bias, to_out.0 with one;
 * scores are scaled by headSize^-½.
 */
final class CrossAttention {
  private final ParameterScope scope;
  private final int numHeads;
  private final float scale;
  private final Linear toQ;
  private final Linear toK;
  private final Linear toV;
  private final Linear toOut;

  CrossAttention(ParameterScope scope, int channels, int contextChannels, int numHeads) {
    this.scope = scope;
    this.numHeads = numHeads;
    this.scale = (float) (1 / Math.sqrt(channels / numHeads));
    this.toQ = Linear.withoutBias(scope.child("to_q"), channels, channels);
    this.toK = Linear.withoutBias(scope.child("to_k"), contextChannels, channels);
    this.toV = Linear.withoutBias(scope.child("to_v"), contextChannels, channels);
    this.toOut = new Linear(scope.child("to_out.0"), channels, channels);
  }

  /** x [N, H·W, C], context [N, L, contextChannels], mask int32 [N, L] or null → [N, H·W, C]. */
  Value apply(Value x, Value context, Value mask) {
    return scope.trace(
        x.graph(),
        () -> {
          Value keep = mask == null ? null : KeyMask.of(mask);
          Value q = toQ.apply(x);
          Value k = toK.apply(context);
          Value v = toV.apply(context);
          return toOut.apply(Ops.attention(q, k, v, numHeads, scale, null, keep));
        });
  }
}
