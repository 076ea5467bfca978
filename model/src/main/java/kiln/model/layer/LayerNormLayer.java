package kiln.model.layer;

import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.LayerNorm;

/** Layer normalisation over the last axis with learned scale (starts at 1) and shift (starts at 0). */
public final class LayerNormLayer {
  private final ParameterScope scope;
  private final LayerNorm op;
  private final Parameter weight;
  private final Parameter bias;

  public LayerNormLayer(ParameterScope scope, int channels, double epsilon) {
    this.scope = scope;
    this.op = new LayerNorm((float) epsilon);
    this.weight = scope.parameter("weight", Shape.of(channels), Initializer.ONES);
    this.bias = scope.parameter("bias", Shape.of(channels), Initializer.ZEROS);
  }

  /** x […, C] → the same. */
  public Value apply(Value x) {
    return scope.trace(x.graph(), () -> x.graph().apply(op, x, x.graph().parameter(weight), x.graph().parameter(bias)));
  }
}
