package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** {@code length} entries from {@code start} along one axis. */
public record Slice(int axis, int start, int length) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Shape x = inputs.getFirst().shape();
    boolean fits = axis >= 0 && axis < x.rank() && start >= 0 && length >= 0 && start + length <= x.dim(axis);
    Check.that(fits, this, inputs, "an axis that holds the slice");
    return List.of(inputs.getFirst().with(x.with(axis, length)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    int after = node.input(0).shape().dim(axis) - start - length;
    return List.of(dy.graph().apply(new Pad(axis, start, after), dy));
  }
}
