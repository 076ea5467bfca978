package kiln.model.network.t5;

import kiln.model.graph.Initializer;
import kiln.model.graph.Value;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;
import kiln.model.op.Unary;

/**
 * The two forms of {@link T5Config.FeedForward}: wo(gelu(wi_0 x) · wi_1 x) with the tanh form of GELU (Shazeer 2020), or
 * wo(relu(wi x)); weights start normal, fan-in^-½.
 */
final class T5FeedForward {
  private final ParameterScope scope;
  private final Linear in;

  /** The gated half; null without a gate. */
  private final Linear gated;

  private final Linear wo;

  T5FeedForward(ParameterScope scope, T5Config config) {
    this.scope = scope;
    double factor = config.initializerFactor();
    Initializer inStart = new Initializer.Normal((float) (factor / Math.sqrt(config.dModel())));
    Initializer outStart = new Initializer.Normal((float) (factor / Math.sqrt(config.dFf())));
    boolean gate = config.feedForward() == T5Config.FeedForward.GATED_GELU;
    this.in = Linear.withoutBias(scope.child(gate ? "wi_0" : "wi"), config.dModel(), config.dFf(), inStart);
    this.gated = gate ? Linear.withoutBias(scope.child("wi_1"), config.dModel(), config.dFf(), inStart) : null;
    this.wo = Linear.withoutBias(scope.child("wo"), config.dFf(), config.dModel(), outStart);
  }

  /** x [N, L, dModel] → the same. */
  Value apply(Value x) {
    return scope.trace(
        x.graph(),
        () -> {
          if (gated == null) {
            return wo.apply(Ops.unary(Unary.Function.RELU, in.apply(x)));
          }
          return wo.apply(Ops.mul(Ops.unary(Unary.Function.GELU_TANH, in.apply(x)), gated.apply(x)));
        });
  }
}
