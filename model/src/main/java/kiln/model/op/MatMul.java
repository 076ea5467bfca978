package kiln.model.op;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * a·b, a transposed or not, b transposed or not, plus an optional bias [n]. Either both have rank 2, or both have the same
 * leading (batch) axes.
 */
public record MatMul(boolean transposeA, boolean transposeB) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.that(inputs.size() == 2 || inputs.size() == 3, this, inputs, "a, b and at most a bias");
    Shape a = inputs.get(0).shape();
    Shape b = inputs.get(1).shape();
    boolean fits = a.rank() >= 2 && a.rank() == b.rank();
    for (int axis = 0; fits && axis < a.rank() - 2; axis++) {
      fits = a.dim(axis) == b.dim(axis);
    }
    fits = fits && a.dim(transposeA ? -2 : -1) == b.dim(transposeB ? -1 : -2);
    int n = fits ? b.dim(transposeB ? -2 : -1) : 0;
    fits = fits && (inputs.size() == 2 || inputs.get(2).shape().equals(Shape.of(n)));
    Check.that(fits, this, inputs, "a […, m, k], b […, k, n], bias [n]");
    return List.of(TensorType.f32(a.with(-2, a.dim(transposeA ? -1 : -2)).with(-1, n)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    Value a = node.input(0);
    Value b = node.input(1);
    List<Value> gradients = new ArrayList<>();
    gradients.add(transposeA ? Ops.matMul(b, dy, transposeB, true) : Ops.matMul(dy, b, false, !transposeB));
    gradients.add(transposeB ? Ops.matMul(dy, a, true, transposeA) : Ops.matMul(a, dy, !transposeA, false));
    if (node.inputs().size() == 3) {
      gradients.add(Ops.sumTo(dy, node.input(2).shape()));
    }
    return gradients;
  }
}
