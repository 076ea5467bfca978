package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/** Gradient of {@link Geglu}. Inputs: x, dy. */
public record GegluGrad() implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    return List.of(inputs.getFirst());
  }
}
