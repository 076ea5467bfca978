package kiln.model.op;

import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/**
 * Row n of {@code x} where {@code keep[n]} is 1, else {@code alternative}: how captions are dropped for guidance. Inputs: x
 * int32 [N, …], alternative int32 […], keep int32 [N]. Not differentiable.
 */
public record SelectRows() implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(3, this, inputs);
    Shape x = inputs.get(0).shape();
    for (int i = 0; i < 3; i++) {
      Check.dtype(DType.I32, i, this, inputs);
    }
    boolean fits = inputs.get(1).shape().elements() * x.dim(0) == x.elements();
    fits = fits && inputs.get(2).shape().equals(Shape.of(x.dim(0)));
    Check.that(fits, this, inputs, "x [N, …], alternative […], keep [N]");
    return List.of(inputs.getFirst());
  }
}
