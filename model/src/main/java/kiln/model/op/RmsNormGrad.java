package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/** Gradient of {@link RmsNorm}. Inputs: x, weight, rstd, dy. Outputs: gradients of x and weight. */
public record RmsNormGrad() implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(4, this, inputs);
    return inputs.subList(0, 2);
  }
}
