package kiln.model.network.unet;

import kiln.model.graph.Value;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;

/** Two linear layers with SiLU between them, from sinusoids to the time embedding. */
final class TimestepEmbeddingMlp {
  private final ParameterScope scope;
  private final Linear linear1;
  private final Linear linear2;

  TimestepEmbeddingMlp(ParameterScope scope, int in, int out) {
    this.scope = scope;
    this.linear1 = new Linear(scope.child("linear_1"), in, out);
    this.linear2 = new Linear(scope.child("linear_2"), out, out);
  }

  /** sinusoids [N, in] → [N, out]. */
  Value apply(Value sinusoids) {
    return scope.trace(sinusoids.graph(), () -> linear2.apply(Ops.silu(linear1.apply(sinusoids))));
  }
}
