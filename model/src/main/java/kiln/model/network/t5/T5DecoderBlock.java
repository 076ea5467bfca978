package kiln.model.network.t5;

import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.RmsNormLayer;
import kiln.model.network.t5.T5Attention.KeyValue;
import kiln.model.op.Ops;

/** One block of the decoder: attention to itself, attention to the encoder's output, feed-forward; each x + f(norm(x)). */
final class T5DecoderBlock {
  /**
   * What one more token gives.
   *
   * @param hidden [N, 1, dModel]
   * @param fresh keys and values of that token, [N, 1, heads·dKv]
   */
  record Step(Value hidden, KeyValue fresh) {}

  private final ParameterScope scope;
  private final RmsNormLayer selfNorm;
  private final T5Attention selfAttention;
  private final RmsNormLayer crossNorm;
  private final T5Attention crossAttention;
  private final RmsNormLayer feedForwardNorm;
  private final T5FeedForward feedForward;

  T5DecoderBlock(ParameterScope scope, T5Config config) {
    this.scope = scope;
    this.selfAttention = new T5Attention(scope.child("layer.0.SelfAttention"), config);
    this.selfNorm = T5Norms.layerNorm(scope.child("layer.0.layer_norm"), config);
    this.crossAttention = new T5Attention(scope.child("layer.1.EncDecAttention"), config);
    this.crossNorm = T5Norms.layerNorm(scope.child("layer.1.layer_norm"), config);
    this.feedForward = new T5FeedForward(scope.child("layer.2.DenseReluDense"), config);
    this.feedForwardNorm = T5Norms.layerNorm(scope.child("layer.2.layer_norm"), config);
  }

  /** Keys and values of the encoder's output [N, S, dModel]. */
  KeyValue crossKeyValue(Value encoded) {
    return scope.trace(encoded.graph(), () -> crossAttention.keyValue(encoded));
  }

  /**
   * A whole sequence: x [N, L, dModel] → the same.
   *
   * @param bias [1, heads, L, L]
   * @param causal int32 [1, 1, L, L]
   * @param keep int32 [N, 1, 1, S] or null, of the encoder's tokens; attention to them has no bias
   */
  Value apply(Value x, Value bias, Value causal, KeyValue cross, Value keep) {
    return scope.trace(
        x.graph(),
        () -> {
          Value normed = selfNorm.apply(x);
          Value h = Ops.add(x, selfAttention.apply(normed, selfAttention.keyValue(normed), bias, causal));
          return afterSelfAttention(h, cross, keep);
        });
  }

  /**
   * One more token: x [N, 1, dModel], which attends to the keys and values of those before it and then to itself.
   *
   * @param past [N, room, heads·dKv]
   * @param bias [1, heads, 1, room + 1]
   * @param filled int32 [1, 1, 1, room + 1]: which of them count
   */
  Step step(Value x, KeyValue past, Value bias, Value filled, KeyValue cross, Value keep) {
    return scope.trace(
        x.graph(),
        () -> {
          Value normed = selfNorm.apply(x);
          KeyValue fresh = selfAttention.keyValue(normed);
          KeyValue all =
              new KeyValue(Ops.concat(1, past.key(), fresh.key()), Ops.concat(1, past.value(), fresh.value()));
          Value h = Ops.add(x, selfAttention.apply(normed, all, bias, filled));
          return new Step(afterSelfAttention(h, cross, keep), fresh);
        });
  }

  private Value afterSelfAttention(Value x, KeyValue cross, Value keep) {
    Value h = Ops.add(x, crossAttention.apply(crossNorm.apply(x), cross, null, keep));
    return Ops.add(h, feedForward.apply(feedForwardNorm.apply(h)));
  }
}
