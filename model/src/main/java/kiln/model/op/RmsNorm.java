package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * x / √(mean(x²) + epsilon) · weight over the last axis (Zhang and Sennrich 2019, as in T5). Inputs: x […, C], weight [C].
 * Outputs: y, and the reciprocal root of every row.
 */
public record RmsNorm(float epsilon) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    Shape x = inputs.getFirst().shape();
    Check.that(inputs.get(1).shape().equals(Shape.of(x.last())), this, inputs, "x […, C], weight [C]");
    return List.of(inputs.getFirst(), TensorType.f32(x.with(-1, 1)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    return Ops.normGradient(new RmsNormGrad(), node, outputGradients.getFirst());
  }
}
