package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/**
 * Gradient of {@link Attention}. Inputs: q, k, v, probabilities, gradient of the output. Outputs: gradients of q, k, v, and of
 * the scores before scaling, which is the gradient of the (broadcast) bias: [B, heads, Lq, Lk].
 */
public record AttentionGrad(int numHeads, float scale) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(5, this, inputs);
    return inputs.subList(0, 4);
  }
}
