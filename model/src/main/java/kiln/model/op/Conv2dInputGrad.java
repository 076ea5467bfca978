package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * Gradient of {@link Conv2d} with respect to its input of {@code height} × {@code width}; also the transposed convolution.
 * Inputs: dy [N, Ho, Wo, out], weight [out, C/groups, kh, kw]. Output [N, height, width, C].
 */
public record Conv2dInputGrad(ConvGeometry geometry, int height, int width) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    Shape dy = inputs.get(0).shape();
    Shape w = inputs.get(1).shape();
    boolean fits = dy.rank() == 4 && w.rank() == 4 && dy.last() == w.dim(0);
    fits = fits && geometry.outputHeight(height, w.dim(2)) == dy.dim(1);
    fits = fits && geometry.outputWidth(width, w.dim(3)) == dy.dim(2);
    Check.that(fits, this, inputs, "dy [N, Ho, Wo, out] of a map " + height + "x" + width + ", weight [out, C/groups, kh, kw]");
    return List.of(inputs.getFirst().with(Shape.of(dy.dim(0), height, width, w.dim(1) * geometry.groups())));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value ddx = outputGradients.getFirst();
    Value w = node.input(1);
    return List.of(
        ddx.graph().apply(new Conv2d(geometry), ddx, w),
        ddx.graph().apply(new Conv2dWeightGrad(geometry, w.shape()), ddx, node.input(0)));
  }
}
