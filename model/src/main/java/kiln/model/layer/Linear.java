package kiln.model.layer;

import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.Ops;

/**
 * x·weightᵀ + bias over the last axis; weight [out, in], bias [out]. Starts as PyTorch's {@code nn.Linear}, uniform within
 * ±1/√in, unless told otherwise.
 */
public final class Linear {
  private final ParameterScope scope;
  private final Parameter weight;
  private final Parameter bias;

  private Linear(ParameterScope scope, Parameter weight, Parameter bias) {
    this.scope = scope;
    this.weight = weight;
    this.bias = bias;
  }

  /** With weight and bias. */
  public Linear(ParameterScope scope, int in, int out) {
    this(
        scope,
        scope.parameter("weight", Shape.of(out, in), Initializers.fanIn(in)),
        scope.parameter("bias", Shape.of(out), Initializers.fanIn(in)));
  }

  public static Linear withoutBias(ParameterScope scope, int in, int out) {
    return withoutBias(scope, in, out, Initializers.fanIn(in));
  }

  public static Linear withoutBias(ParameterScope scope, int in, int out, Initializer initializer) {
    return new Linear(scope, scope.parameter("weight", Shape.of(out, in), initializer), null);
  }

  /** With weight and bias, the bias starting at 0. */
  public static Linear startingAt(ParameterScope scope, int in, int out, Initializer weight) {
    return new Linear(
        scope,
        scope.parameter("weight", Shape.of(out, in), weight),
        scope.parameter("bias", Shape.of(out), Initializer.ZEROS));
  }

  /** x […, in] → […, out]. */
  public Value apply(Value x) {
    return scope.trace(
        x.graph(),
        () -> Ops.linear(x, x.graph().parameter(weight), bias == null ? null : x.graph().parameter(bias)));
  }
}
