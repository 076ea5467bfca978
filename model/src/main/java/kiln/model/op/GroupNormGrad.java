package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/** Gradient of {@link GroupNorm}. Inputs: x, weight, bias, mean, rstd, dy. Outputs: gradients of x, weight, bias. */
public record GroupNormGrad(int numGroups, boolean silu) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(6, this, inputs);
    return inputs.subList(0, 3);
  }
}
