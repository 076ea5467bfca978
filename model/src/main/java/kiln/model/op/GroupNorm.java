package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * Group normalisation over [N, …, C] (Wu and He 2018), then optionally SiLU. Inputs: x, weight [C], bias [C]. Outputs: y, and
 * mean and 1/√(variance + epsilon) of every group, [N, groups] each, which the gradient reads.
 */
public record GroupNorm(int numGroups, float epsilon, boolean silu) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(3, this, inputs);
    Shape x = inputs.getFirst().shape();
    Shape channels = Shape.of(x.last());
    boolean fits = x.rank() >= 2 && x.last() % numGroups == 0;
    fits = fits && inputs.get(1).shape().equals(channels) && inputs.get(2).shape().equals(channels);
    Check.that(fits, this, inputs, "x [N, …, C] with C a multiple of the groups, weight [C], bias [C]");
    TensorType statistics = TensorType.f32(x.dim(0), numGroups);
    return List.of(inputs.getFirst(), statistics, statistics);
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    return Ops.normGradient(new GroupNormGrad(numGroups, silu), node, outputGradients.getFirst());
  }
}
