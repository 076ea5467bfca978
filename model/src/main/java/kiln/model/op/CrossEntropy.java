package kiln.model.op;

import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * −log softmax(logits)[label] with label smoothing, over rows. Inputs: logits [rows, classes], labels int32 [rows]; rows with
 * {@code ignoreIndex} count nothing. Output: a scalar, or [rows] without reduction. The mean is over the rows that count.
 */
public record CrossEntropy(int ignoreIndex, float smoothing, Reduction reduction) implements Op {
  /** What becomes of the losses of the rows. */
  public enum Reduction {
    NONE,
    SUM,
    MEAN
  }

  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    Shape logits = inputs.get(0).shape();
    Check.dtype(DType.I32, 1, this, inputs);
    Check.that(
        logits.rank() == 2 && inputs.get(1).shape().equals(Shape.of(logits.dim(0))),
        this, inputs, "logits [rows, classes], labels [rows]");
    return List.of(reduction == Reduction.NONE ? TensorType.f32(logits.dim(0)) : TensorType.f32());
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    CrossEntropyGrad grad = new CrossEntropyGrad(ignoreIndex, smoothing, reduction);
    Value dy = outputGradients.getFirst();
    return Op.onlyFirst(node, dy.graph().apply(grad, node.input(0), node.input(1), dy));
  }
}
