package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** The same elements under another shape: a view, no kernel runs. */
public record Reshape(Shape shape) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Check.that(inputs.getFirst().shape().elements() == shape.elements(), this, inputs, "as many elements");
    return List.of(new TensorType(inputs.getFirst().dtype(), shape));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    return List.of(Ops.reshape(outputGradients.getFirst(), node.input(0).shape()));
  }
}
