package kiln.model.network.unet;

import kiln.model.graph.Value;
import kiln.model.layer.LayerNormLayer;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;

/** Self-attention, cross-attention to the text, feed-forward; each behind a layer norm and added to its input. */
final class BasicTransformerBlock {
  private static final double EPSILON = 1e-5;

  private final ParameterScope scope;
  private final LayerNormLayer norm1;
  private final CrossAttention attn1;
  private final LayerNormLayer norm2;
  private final CrossAttention attn2;
  private final LayerNormLayer norm3;
  private final FeedForward ff;

  BasicTransformerBlock(ParameterScope scope, int channels, int contextChannels, int numHeads) {
    this.scope = scope;
    this.norm1 = new LayerNormLayer(scope.child("norm1"), channels, EPSILON);
    this.attn1 = new CrossAttention(scope.child("attn1"), channels, channels, numHeads);
    this.norm2 = new LayerNormLayer(scope.child("norm2"), channels, EPSILON);
    this.attn2 = new CrossAttention(scope.child("attn2"), channels, contextChannels, numHeads);
    this.norm3 = new LayerNormLayer(scope.child("norm3"), channels, EPSILON);
    this.ff = new FeedForward(scope.child("ff"), channels);
  }

  /** x [N, H·W, C], text [N, L, D], mask int32 [N, L] or null → [N, H·W, C]. */
  Value apply(Value x, Value text, Value mask) {
    return scope.trace(
        x.graph(),
        () -> {
          Value normed = norm1.apply(x);
          Value h = Ops.add(x, attn1.apply(normed, normed, null));
          h = Ops.add(h, attn2.apply(norm2.apply(h), text, mask));
          return Ops.add(h, ff.apply(norm3.apply(h)));
        });
  }
}
