package kiln.model.op;

import java.util.List;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/** Gradient of {@link Conv2d} with respect to its weight. Inputs: x [N, H, W, C], dy [N, Ho, Wo, out]. */
public record Conv2dWeightGrad(ConvGeometry geometry, Shape weight) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    Shape x = inputs.get(0).shape();
    Shape dy = inputs.get(1).shape();
    boolean fits = x.last() == weight.dim(1) * geometry.groups() && dy.last() == weight.dim(0);
    Check.that(fits, this, inputs, "x [N, H, W, C], dy [N, Ho, Wo, out] for weight " + weight);
    return List.of(TensorType.f32(weight));
  }
}
