package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Softmax over the last axis, or its logarithm. */
public record Softmax(boolean log) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    return inputs;
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value y = node.output(0);
    return List.of(y.graph().apply(new SoftmaxGrad(log), y, outputGradients.getFirst()));
  }
}
