package kiln.model.op;

import java.util.List;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/** Gradient of {@link RelativePositionBias}. Input: dy [1, heads, Lq, Lk]. Output: gradient of the table [buckets, heads]. */
public record RelativePositionBiasGrad(int numBuckets, int maxDistance, boolean bidirectional) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Shape dy = inputs.getFirst().shape();
    Check.that(dy.rank() == 4 && dy.dim(0) == 1, this, inputs, "dy [1, heads, Lq, Lk]");
    return List.of(TensorType.f32(numBuckets, dy.dim(1)));
  }
}
