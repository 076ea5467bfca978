package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/** Gradient of {@link UpsampleNearest} with respect to its input of {@code height} × {@code width}. Input: dy. */
public record UpsampleNearestGrad(int height, int width) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    return List.of(inputs.getFirst().with(inputs.getFirst().shape().with(1, height).with(2, width)));
  }
}
