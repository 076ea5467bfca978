package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * The attention bias of T5 (Raffel et al. 2020): every head has one learned number per bucket of distances, see {@link
 * RelativePositionBuckets}. Input: table [buckets, heads]. Output: [1, heads, queryLength, keyLength].
 */
public record RelativePositionBias(int queryLength, int keyLength, int maxDistance, boolean bidirectional) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Shape table = inputs.getFirst().shape();
    Check.that(table.rank() == 2, this, inputs, "a table [buckets, heads]");
    Check.that(queryLength > 0 && keyLength > 0, this, inputs, "positive lengths");
    return List.of(TensorType.f32(1, table.dim(1), queryLength, keyLength));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    int numBuckets = node.input(0).shape().dim(0);
    return List.of(dy.graph().apply(new RelativePositionBiasGrad(numBuckets, maxDistance, bidirectional), dy));
  }
}
