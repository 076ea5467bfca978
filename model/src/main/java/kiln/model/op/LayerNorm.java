package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * Layer normalisation over the last axis (Ba et al. 2016). Inputs: x [rows…, C], weight [C], bias [C]. Outputs: y, and mean and
 * 1/√(variance + epsilon) of every row.
 */
public record LayerNorm(float epsilon) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(3, this, inputs);
    Shape x = inputs.getFirst().shape();
    Shape channels = Shape.of(x.last());
    boolean fits = inputs.get(1).shape().equals(channels) && inputs.get(2).shape().equals(channels);
    Check.that(fits, this, inputs, "x […, C], weight [C], bias [C]");
    TensorType statistics = TensorType.f32(x.with(-1, 1));
    return List.of(inputs.getFirst(), statistics, statistics);
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    return Ops.normGradient(new LayerNormGrad(), node, outputGradients.getFirst());
  }
}
