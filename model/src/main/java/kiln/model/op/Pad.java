package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Adds zeros before and after along one axis. */
public record Pad(int axis, int before, int after) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Shape x = inputs.getFirst().shape();
    return List.of(inputs.getFirst().with(x.with(axis, before + x.dim(axis) + after)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    return List.of(Ops.slice(outputGradients.getFirst(), axis, before, node.input(0).shape().dim(axis)));
  }
}
