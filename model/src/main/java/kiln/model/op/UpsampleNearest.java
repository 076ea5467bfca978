package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Nearest-neighbour resize of [N, H, W, C] to {@code height} × {@code width}: source index ⌊i·H/height⌋. */
public record UpsampleNearest(int height, int width) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Shape x = inputs.getFirst().shape();
    Check.that(x.rank() == 4, this, inputs, "[N, H, W, C]");
    return List.of(inputs.getFirst().with(x.with(1, height).with(2, width)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    Shape x = node.input(0).shape();
    return List.of(dy.graph().apply(new UpsampleNearestGrad(x.dim(1), x.dim(2)), dy));
  }
}
