package kiln.model.op;

import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/**
 * What a decoder may look at: 1 where the key is not after the query, else 0. No inputs. Output: int32 [1, 1, length, length],
 * a mask for {@link Attention}. Not differentiable.
 */
public record CausalMask(int length) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(0, this, inputs);
    Check.that(length > 0, this, inputs, "a positive length");
    return List.of(new TensorType(DType.I32, Shape.of(1, 1, length, length)));
  }
}
