package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Cyclic shift: element i of axis a goes to (i + shift) mod extent. */
public record Roll(List<Integer> shifts, List<Integer> axes) implements Op {
  public Roll {
    shifts = List.copyOf(shifts);
    axes = List.copyOf(axes);
  }

  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Check.that(shifts.size() == axes.size(), this, inputs, "one shift per axis");
    return inputs;
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    return List.of(dy.graph().apply(new Roll(shifts.stream().map(s -> -s).toList(), axes), dy));
  }
}
