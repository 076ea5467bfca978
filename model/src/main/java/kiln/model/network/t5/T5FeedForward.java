package kiln.model.network.t5;

import kiln.model.graph.Initializer;
import kiln.model.graph.Value;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;
import kiln.model.op.Unary;

/** Gated GELU (Shazeer 2020): wo(gelu(wi_0 x) · wi_1 x), with the tanh form of GELU; weights start normal, fan-in^-½. */
final class T5FeedForward {
  private final ParameterScope scope;
  private final Linear wi0;
  private final Linear wi1;
  private final Linear wo;

  T5FeedForward(ParameterScope scope, T5Config config) {
    this.scope = scope;
    double factor = config.initializerFactor();
    Initializer in = new Initializer.Normal((float) (factor / Math.sqrt(config.dModel())));
    Initializer out = new Initializer.Normal((float) (factor / Math.sqrt(config.dFf())));
    this.wi0 = Linear.withoutBias(scope.child("wi_0"), config.dModel(), config.dFf(), in);
    this.wi1 = Linear.withoutBias(scope.child("wi_1"), config.dModel(), config.dFf(), in);
    this.wo = Linear.withoutBias(scope.child("wo"), config.dFf(), config.dModel(), out);
  }

  /** x [N, L, dModel] → the same. */
  Value apply(Value x) {
    return scope.trace(
        x.graph(), () -> wo.apply(Ops.mul(Ops.unary(Unary.Function.GELU_TANH, wi0.apply(x)), wi1.apply(x))));
  }
}
