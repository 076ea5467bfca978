package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** y = min(max(x, low), high); the gradient passes where low ≤ x ≤ high. */
public record Clamp(float low, float high) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    return inputs;
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value x = node.input(0);
    return List.of(x.graph().apply(new ClampGrad(low, high), x, outputGradients.getFirst()));
  }
}
