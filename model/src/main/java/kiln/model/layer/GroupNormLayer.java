package kiln.model.layer;

import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.GroupNorm;

/** Group normalisation with learned scale (starts at 1) and shift (starts at 0), optionally followed by SiLU. */
public final class GroupNormLayer {
  private final ParameterScope scope;
  private final int numGroups;
  private final float epsilon;
  private final Parameter weight;
  private final Parameter bias;

  public GroupNormLayer(ParameterScope scope, int channels, int numGroups, double epsilon) {
    this.scope = scope;
    this.numGroups = numGroups;
    this.epsilon = (float) epsilon;
    this.weight = scope.parameter("weight", Shape.of(channels), Initializer.ONES);
    this.bias = scope.parameter("bias", Shape.of(channels), Initializer.ZEROS);
  }

  /** x [N, …, C] → the same. */
  public Value apply(Value x) {
    return apply(x, false);
  }

  /** The norm, then SiLU, in one operation. */
  public Value applyWithSilu(Value x) {
    return apply(x, true);
  }

  private Value apply(Value x, boolean silu) {
    GroupNorm op = new GroupNorm(numGroups, epsilon, silu);
    return scope.trace(x.graph(), () -> x.graph().apply(op, x, x.graph().parameter(weight), x.graph().parameter(bias)));
  }
}
