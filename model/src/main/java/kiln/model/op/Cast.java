package kiln.model.op;

import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Node;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** The same numbers as float32 or bfloat16, rounded to nearest, ties to even. */
public record Cast(DType to) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    TensorType x = inputs.getFirst();
    Check.that(x.dtype().isFloat() && to.isFloat(), this, inputs, "float types");
    return List.of(x.with(to));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    return List.of(Ops.cast(outputGradients.getFirst(), node.input(0).type().dtype()));
  }
}
