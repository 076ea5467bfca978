package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/** Gradient of {@link CrossEntropy} with respect to the logits. Inputs: logits, labels, gradient of the loss. */
public record CrossEntropyGrad(int ignoreIndex, float smoothing, CrossEntropy.Reduction reduction) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(3, this, inputs);
    return List.of(inputs.getFirst());
  }
}
