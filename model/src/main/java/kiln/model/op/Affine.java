package kiln.model.op;

import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Node;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** y = scale·x + shift in float32, from any element type; with {@code to} F32 the cast from uint8 pixels to [-1, 1]. */
public record Affine(float scale, float shift) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    return List.of(TensorType.f32(inputs.getFirst().shape()));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    boolean differentiable = node.input(0).type().dtype() == DType.F32;
    return Op.onlyFirst(node, differentiable ? Ops.scale(outputGradients.getFirst(), scale) : null);
  }
}
