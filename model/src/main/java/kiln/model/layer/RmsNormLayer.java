package kiln.model.layer;

import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.RmsNorm;

/** T5's layer norm: root mean square over the last axis, a learned scale, neither mean nor shift. */
public final class RmsNormLayer {
  private final ParameterScope scope;
  private final RmsNorm op;
  private final Parameter weight;

  public RmsNormLayer(ParameterScope scope, int channels, double epsilon, Initializer initializer) {
    this.scope = scope;
    this.op = new RmsNorm((float) epsilon);
    this.weight = scope.parameter("weight", Shape.of(channels), initializer);
  }

  /** x […, C] → the same. */
  public Value apply(Value x) {
    return scope.trace(x.graph(), () -> x.graph().apply(op, x, x.graph().parameter(weight)));
  }
}
