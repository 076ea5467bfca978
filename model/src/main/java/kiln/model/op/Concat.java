package kiln.model.op;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Joins tensors along one axis. */
public record Concat(int axis) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Shape first = inputs.getFirst().shape();
    int extent = 0;
    for (TensorType input : inputs) {
      Check.that(
          input.shape().rank() == first.rank() && input.shape().with(axis, 0).equals(first.with(axis, 0)),
          this, inputs, "shapes that differ only on axis " + axis);
      extent += input.shape().dim(axis);
    }
    return List.of(new TensorType(inputs.getFirst().dtype(), first.with(axis, extent)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    List<Value> gradients = new ArrayList<>();
    int start = 0;
    for (Value input : node.inputs()) {
      int length = input.shape().dim(axis);
      gradients.add(Ops.slice(outputGradients.getFirst(), axis, start, length));
      start += length;
    }
    return gradients;
  }
}
