package kiln.model.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * Multi-head scaled dot-product attention, softmax(q·kᵀ·scale + bias + mask)·v (Vaswani et al. 2017).
 *
 * <p>Inputs: q [B, Lq, heads·D], k [B, Lk, heads·D], v [B, Lk, heads·Dv]; then, if {@code bias}, a float32 bias and, if {@code
 * mask}, an int32 mask (1 keep, 0 drop), each of rank 4 and broadcastable to [B, heads, Lq, Lk]. Outputs: [B, Lq, heads·Dv]
 * and, in float32, the logarithm of the sum of every row's exponentials [B, heads, Lq], from which the gradient finds the
 * probabilities again. A row whose keys are all dropped attends evenly; its logarithm is -{@link Float#MAX_VALUE}.
 */
public record Attention(int numHeads, float scale, boolean bias, boolean mask) implements Op {
  int numInputs() {
    return 3 + (bias ? 1 : 0) + (mask ? 1 : 0);
  }

  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(numInputs(), this, inputs);
    Check.sameFloat(this, inputs.subList(0, 3));
    var q = inputs.get(0).shape();
    var k = inputs.get(1).shape();
    var v = inputs.get(2).shape();
    boolean fits = q.rank() == 3 && k.rank() == 3 && v.rank() == 3 && q.dim(0) == k.dim(0) && q.dim(0) == v.dim(0);
    fits = fits && q.last() == k.last() && k.dim(1) == v.dim(1) && q.last() % numHeads == 0 && v.last() % numHeads == 0;
    Check.that(fits, this, inputs, "q [B, Lq, heads·D], k [B, Lk, heads·D], v [B, Lk, heads·Dv]");
    Shape scores = Shape.of(q.dim(0), numHeads, q.dim(1), k.dim(1));
    for (int i = 3; i < inputs.size(); i++) {
      var extra = inputs.get(i).shape();
      boolean broadcasts = extra.rank() == 4;
      for (int axis = 0; broadcasts && axis < 4; axis++) {
        broadcasts = extra.dim(axis) == 1 || extra.dim(axis) == scores.dim(axis);
      }
      Check.that(broadcasts, this, inputs, "bias and mask broadcastable to " + scores);
    }
    if (bias) {
      Check.dtype(DType.F32, 3, this, inputs);
    }
    if (mask) {
      Check.dtype(DType.I32, inputs.size() - 1, this, inputs);
    }
    TensorType y = inputs.getFirst().with(Shape.of(q.dim(0), q.dim(1), v.last()));
    return List.of(y, TensorType.f32(q.dim(0), numHeads, q.dim(1)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    List<Value> inputs = new ArrayList<>(node.inputs());
    inputs.addAll(node.outputs());
    inputs.add(outputGradients.getFirst());
    List<Value> gradients = node.input(0).graph().apply(new AttentionGrad(numHeads, scale, bias, mask), inputs);
    Value[] result = new Value[node.inputs().size()];
    for (int i = 0; i < 3; i++) {
      result[i] = gradients.get(i);
    }
    if (bias) {
      result[3] = Ops.sumTo(gradients.get(3), node.input(3).shape());
    }
    return Arrays.asList(result);
  }
}
