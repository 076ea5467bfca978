package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/** Gradient of {@link Clamp}. Inputs: x, dy. */
public record ClampGrad(float low, float high) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    Check.sameShape(this, inputs);
    return List.of(inputs.getFirst());
  }
}
