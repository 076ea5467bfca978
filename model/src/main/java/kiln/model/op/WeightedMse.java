package kiln.model.op;

import java.util.Arrays;
import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * mean over samples of weight[n] · mean over the rest of (prediction − target)². Inputs: prediction [N, …], target [N, …],
 * weight [N]. Outputs: the scalar loss and the weighted error of every sample, [N] (not differentiable).
 */
public record WeightedMse() implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(3, this, inputs);
    Shape x = inputs.getFirst().shape();
    boolean fits = x.equals(inputs.get(1).shape()) && inputs.get(2).shape().equals(Shape.of(x.dim(0)));
    Check.that(fits, this, inputs, "prediction [N, …], target [N, …], weight [N]");
    return List.of(TensorType.f32(), TensorType.f32(x.dim(0)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    Value dx = dy.graph().apply(new WeightedMseGrad(), node.input(0), node.input(1), node.input(2), dy);
    return Arrays.asList(dx, Ops.scale(dx, -1), weightGradient(node, dy));
  }

  /** dy / N · mean over the rest of (prediction − target)². */
  private static Value weightGradient(Node node, Value dy) {
    Value squares = Ops.unary(Unary.Function.SQUARE, Ops.sub(node.input(0), node.input(1)));
    Value sums = Ops.reshape(Ops.sum(squares, 1, squares.shape().rank()), node.input(2).shape());
    return Ops.mul(Ops.scale(sums, 1f / squares.shape().elements()), dy);
  }
}
