package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/** Gradient of {@link WeightedMse} with respect to the prediction. Inputs: prediction, target, weight, gradient of the loss. */
public record WeightedMseGrad() implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(4, this, inputs);
    return List.of(inputs.getFirst());
  }
}
