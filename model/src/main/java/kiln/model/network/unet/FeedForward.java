package kiln.model.network.unet;

import kiln.model.graph.Value;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Geglu;

/** GEGLU to four times the width, then back. */
final class FeedForward {
  private static final int EXPANSION = 4;

  private final ParameterScope scope;
  private final Linear projection;
  private final Linear output;

  FeedForward(ParameterScope scope, int channels) {
    this.scope = scope;
    this.projection = new Linear(scope.child("net.0.proj"), channels, 2 * EXPANSION * channels);
    this.output = new Linear(scope.child("net.2"), EXPANSION * channels, channels);
  }

  /** x [N, H·W, C] → the same. */
  Value apply(Value x) {
    return scope.trace(x.graph(), () -> output.apply(x.graph().apply(new Geglu(), projection.apply(x))));
  }
}
