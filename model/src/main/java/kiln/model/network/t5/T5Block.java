package kiln.model.network.t5;

import kiln.model.graph.Initializer;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.RmsNormLayer;
import kiln.model.op.Ops;

/** One block of the encoder: x + attention(norm(x)), then x + feedForward(norm(x)). */
final class T5Block {
  private final ParameterScope scope;
  private final RmsNormLayer attentionNorm;
  private final T5SelfAttention selfAttention;
  private final RmsNormLayer feedForwardNorm;
  private final T5FeedForward feedForward;

  T5Block(ParameterScope scope, T5Config config) {
    this.scope = scope;
    this.selfAttention = new T5SelfAttention(scope.child("layer.0.SelfAttention"), config);
    this.attentionNorm = norm(scope.child("layer.0.layer_norm"), config);
    this.feedForward = new T5FeedForward(scope.child("layer.1.DenseReluDense"), config);
    this.feedForwardNorm = norm(scope.child("layer.1.layer_norm"), config);
  }

  private static RmsNormLayer norm(ParameterScope scope, T5Config config) {
    Initializer initializer = new Initializer.Constant((float) config.initializerFactor());
    return new RmsNormLayer(scope, config.dModel(), config.layerNormEpsilon(), initializer);
  }

  /** x [N, L, dModel], bias [1, heads, L, L], keep [N, 1, 1, L] or null → [N, L, dModel]. */
  Value apply(Value x, Value bias, Value keep) {
    return scope.trace(
        x.graph(),
        () -> {
          Value h = Ops.add(x, selfAttention.apply(attentionNorm.apply(x), bias, keep));
          return Ops.add(h, feedForward.apply(feedForwardNorm.apply(h)));
        });
  }
}
