package kiln.model.op;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * a·b, a transposed or not, b transposed or not, plus an optional bias [n]. Either both have rank 2, or both have the same
 * leading (batch) axes.
 *
 * @param wide whether the result is float32 in any case, as the gradient of a float32 weight is; otherwise it is bfloat16 if one
 *     of the factors is
 */
public record MatMul(boolean transposeA, boolean transposeB, boolean wide) implements Op {
  /** A product whose result has the narrower type of its factors. */
  public MatMul(boolean transposeA, boolean transposeB) {
    this(transposeA, transposeB, false);
  }

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
    boolean narrow = inputs.get(0).dtype() == DType.BF16 || inputs.get(1).dtype() == DType.BF16;
    DType result = narrow && !wide ? DType.BF16 : DType.F32;
    return List.of(new TensorType(result, a.with(-2, a.dim(transposeA ? -1 : -2)).with(-1, n)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    Value a = node.input(0);
    Value b = node.input(1);
    List<Value> gradients = new ArrayList<>();
    boolean wideA = a.type().dtype() == DType.F32;
    boolean wideB = b.type().dtype() == DType.F32;
    MatMul ofA = transposeA ? new MatMul(transposeB, true, wideA) : new MatMul(false, !transposeB, wideA);
    MatMul ofB = transposeB ? new MatMul(true, transposeA, wideB) : new MatMul(!transposeA, false, wideB);
    // That of b first: it often is the last to read a, whose memory that of a can have then.
    Value db = transposeB ? dy.graph().apply(ofB, dy, a) : dy.graph().apply(ofB, a, dy);
    Value da = transposeA ? dy.graph().apply(ofA, b, dy) : dy.graph().apply(ofA, dy, b);
    gradients.add(da);
    gradients.add(db);
    if (node.inputs().size() == 3) {
      gradients.add(Ops.sumTo(dy, node.input(2).shape()));
    }
    return gradients;
  }
}
