package kiln.model.op;

import java.util.List;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/** Gradient of {@link AvgPool2d} with respect to its input of {@code height} × {@code width}. Input: dy [N, Ho, Wo, C]. */
public record AvgPool2dGrad(int kernel, int stride, int height, int width) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    return List.of(TensorType.f32(inputs.getFirst().shape().with(1, height).with(2, width)));
  }
}
