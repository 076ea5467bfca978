package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** y = scale·x + shift, of the type of x; float32 from integers, as the cast of uint8 pixels to [-1, 1]. */
public record Affine(float scale, float shift) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    TensorType x = inputs.getFirst();
    return List.of(x.dtype().isFloat() ? x : TensorType.f32(x.shape()));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    boolean differentiable = node.input(0).type().dtype().isFloat();
    return Op.onlyFirst(node, differentiable ? Ops.scale(outputGradients.getFirst(), scale) : null);
  }
}
