package kiln.model.op;

import java.util.Arrays;
import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * 2-D convolution. Inputs: x [N, H, W, C], weight [out, C/groups, kh, kw] and, optionally, bias [out]. Output [N, Ho, Wo, out].
 */
public record Conv2d(ConvGeometry geometry) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.that(inputs.size() == 2 || inputs.size() == 3, this, inputs, "x, weight and at most a bias");
    Shape x = inputs.get(0).shape();
    Shape w = inputs.get(1).shape();
    int groups = geometry.groups();
    boolean fits = x.rank() == 4 && w.rank() == 4 && x.last() == w.dim(1) * groups && w.dim(0) % groups == 0;
    fits = fits && (inputs.size() == 2 || inputs.get(2).shape().equals(Shape.of(w.dim(0))));
    Check.that(fits, this, inputs, "x [N, H, W, C], weight [out, C/groups, kh, kw], bias [out]");
    int height = geometry.outputHeight(x.dim(1), w.dim(2));
    int width = geometry.outputWidth(x.dim(2), w.dim(3));
    Check.that(height > 0 && width > 0, this, inputs, "a map at least as large as the window");
    return List.of(inputs.getFirst().with(Shape.of(x.dim(0), height, width, w.dim(0))));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    Value x = node.input(0);
    Value w = node.input(1);
    Value dw = dy.graph().apply(new Conv2dWeightGrad(geometry, w.shape()), x, dy); // first: often the last to read x
    Value dx = dy.graph().apply(new Conv2dInputGrad(geometry, x.shape().dim(1), x.shape().dim(2)), dy, w);
    return node.inputs().size() == 2
        ? List.of(dx, dw)
        : Arrays.asList(dx, dw, Ops.sumTo(dy, node.input(2).shape()));
  }
}
