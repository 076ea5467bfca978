package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/** Gradient of {@link Unary}. Inputs: x, dy. */
public record UnaryGrad(Unary.Function function) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    Check.sameShape(this, inputs);
    return List.of(inputs.getFirst());
  }
}
