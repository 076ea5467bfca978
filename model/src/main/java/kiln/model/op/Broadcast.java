package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Repeats a tensor over one contiguous run of axes to fill {@code shape} (see {@link Span#broadcast}). */
public record Broadcast(Shape shape) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Span.broadcast(inputs.getFirst().shape(), shape);
    return List.of(inputs.getFirst().with(shape));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    return List.of(Ops.sumTo(outputGradients.getFirst(), node.input(0).shape()));
  }
}
