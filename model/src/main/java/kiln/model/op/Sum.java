package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Float32 sum over axes {@code first} (inclusive) to {@code end} (exclusive), which stay with extent 1. */
public record Sum(int first, int end) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Shape shape = inputs.getFirst().shape();
    Check.that(0 <= first && first <= end && end <= shape.rank(), this, inputs, "axes in range");
    for (int axis = first; axis < end; axis++) {
      shape = shape.with(axis, 1);
    }
    return List.of(TensorType.f32(shape));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    Value sum = Ops.cast(dy, node.input(0).type().dtype());
    return List.of(sum.graph().apply(new Broadcast(node.input(0).shape()), sum));
  }
}
