package kiln.model.network.clip;

import kiln.model.graph.Initializer;
import kiln.model.graph.Value;
import kiln.model.layer.LayerNormLayer;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;
import kiln.model.op.Unary;

/**
 * One block: x + attention(norm(x)), then x + feedForward(norm(x)). Weights start normal: those that read the stream with
 * deviation C^-½·(2·layers)^-½, as does the layer that closes the feed-forward part; out_proj with C^-½, fc1 with (2·C)^-½.
 */
final class ClipLayer {
  private static final float QUICK_GELU_SLOPE = 1.702f;

  private final ParameterScope scope;
  private final ClipTextConfig config;
  private final LayerNormLayer layerNorm1;
  private final Linear qProj;
  private final Linear kProj;
  private final Linear vProj;
  private final Linear outProj;
  private final LayerNormLayer layerNorm2;
  private final Linear fc1;
  private final Linear fc2;

  ClipLayer(ParameterScope scope, ClipTextConfig config) {
    this.scope = scope;
    this.config = config;
    int width = config.hiddenSize();
    int inner = config.intermediateSize();
    double factor = config.initializerFactor();
    Initializer in = normal(factor / Math.sqrt(2.0 * width * config.numHiddenLayers()));
    ParameterScope attention = scope.child("self_attn");
    this.kProj = Linear.startingAt(attention.child("k_proj"), width, width, in);
    this.vProj = Linear.startingAt(attention.child("v_proj"), width, width, in);
    this.qProj = Linear.startingAt(attention.child("q_proj"), width, width, in);
    this.outProj = Linear.startingAt(attention.child("out_proj"), width, width, normal(factor / Math.sqrt(width)));
    this.layerNorm1 = new LayerNormLayer(scope.child("layer_norm1"), width, config.layerNormEps());
    this.fc1 = Linear.startingAt(scope.child("mlp.fc1"), width, inner, normal(factor / Math.sqrt(2.0 * width)));
    this.fc2 = Linear.startingAt(scope.child("mlp.fc2"), inner, width, in);
    this.layerNorm2 = new LayerNormLayer(scope.child("layer_norm2"), width, config.layerNormEps());
  }

  private static Initializer normal(double deviation) {
    return new Initializer.Normal((float) deviation);
  }

  /** x [N, L, C], causal int32 [1, 1, L, L] → [N, L, C]. */
  Value apply(Value x, Value causal) {
    return scope.trace(
        x.graph(),
        () -> {
          Value h = Ops.add(x, attend(layerNorm1.apply(x), causal));
          return Ops.add(h, fc2.apply(activate(fc1.apply(layerNorm2.apply(h)))));
        });
  }

  private Value attend(Value x, Value causal) {
    float scale = (float) (1 / Math.sqrt((double) config.hiddenSize() / config.numAttentionHeads()));
    return outProj.apply(
        Ops.attention(qProj.apply(x), kProj.apply(x), vProj.apply(x), config.numAttentionHeads(), scale, null, causal));
  }

  private Value activate(Value x) {
    return switch (config.hiddenAct()) {
      case GELU -> Ops.unary(Unary.Function.GELU, x);
      case QUICK_GELU -> Ops.mul(x, Ops.unary(Unary.Function.SIGMOID, Ops.scale(x, QUICK_GELU_SLOPE)));
    };
  }
}
