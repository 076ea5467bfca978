package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Elementwise function. */
public record Unary(Function function) implements Op {
  /** Which function; the native kernels know it by its ordinal. */
  public enum Function {
    EXP,
    SIGMOID,
    TANH,
    SILU,
    /** x·Φ(x), with the exact error function. */
    GELU,
    /** The approximation by tanh (transformers' {@code gelu_new}). */
    GELU_TANH,
    SQUARE,
    /** max(x, 0), with derivative 0 at 0. */
    RELU
  }

  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Check.sameFloat(this, inputs);
    return inputs;
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value x = node.input(0);
    return List.of(x.graph().apply(new UnaryGrad(function), x, outputGradients.getFirst()));
  }
}
