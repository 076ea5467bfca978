package kiln.model.network.t5;

import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.RmsNormLayer;
import kiln.model.op.Ops;

/** One block of the encoder: x + attention(norm(x)), then x + feedForward(norm(x)). */
final class T5Block {
  private final ParameterScope scope;
  private final RmsNormLayer attentionNorm;
  private final T5Attention selfAttention;
  private final RmsNormLayer feedForwardNorm;
  private final T5FeedForward feedForward;

  T5Block(ParameterScope scope, T5Config config) {
    this.scope = scope;
    this.selfAttention = new T5Attention(scope.child("layer.0.SelfAttention"), config);
    this.attentionNorm = T5Norms.layerNorm(scope.child("layer.0.layer_norm"), config);
    this.feedForward = new T5FeedForward(scope.child("layer.1.DenseReluDense"), config);
    this.feedForwardNorm = T5Norms.layerNorm(scope.child("layer.1.layer_norm"), config);
  }

  /** x [N, L, dModel], bias [1, heads, L, L], keep [N, 1, 1, L] or null → [N, L, dModel]. */
  Value apply(Value x, Value bias, Value keep) {
    return scope.trace(
        x.graph(),
        () -> {
          Value normed = attentionNorm.apply(x);
          Value h = Ops.add(x, selfAttention.apply(normed, selfAttention.keyValue(normed), bias, keep));
          return Ops.add(h, feedForward.apply(feedForwardNorm.apply(h)));
        });
  }
}
