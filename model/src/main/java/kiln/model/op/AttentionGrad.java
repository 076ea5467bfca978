package kiln.model.op;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/**
 * Gradient of {@link Attention}. Inputs: those of the attention, its outputs, and the gradient of its first output. Outputs:
 * gradients of q, k and v, and, if {@code bias}, that of the bias as if it had the shape [B or 1, heads, Lq, Lk], in float32:
 * summed over the batch if the bias is one for all of it, not over its other axes.
 */
public record AttentionGrad(int numHeads, float scale, boolean bias, boolean mask) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Attention attention = new Attention(numHeads, scale, bias, mask);
    int forward = attention.numInputs();
    Check.count(forward + 3, this, inputs);
    List<TensorType> outputs = attention.infer(inputs.subList(0, forward));
    boolean fits = inputs.subList(forward, forward + 2).equals(outputs) && inputs.getLast().equals(outputs.getFirst());
    Check.that(fits, this, inputs, "the outputs " + outputs + " and the gradient of the first");
    List<TensorType> gradients = new ArrayList<>(inputs.subList(0, 3));
    if (bias) {
      Shape q = inputs.get(0).shape();
      Shape k = inputs.get(1).shape();
      gradients.add(TensorType.f32(inputs.get(3).shape().dim(0), numHeads, q.dim(1), k.dim(1)));
    }
    return gradients;
  }
}
