package kiln.model.op;

import java.util.Arrays;
import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Operation;
import kiln.model.graph.Value;

/**
 * Every operation there is. Each record holds its attributes, its shape rule ({@link #infer}) and its gradient rule, which
 * builds ordinary nodes; each backend has one kernel for it. Adding one is: a record here, its name in {@code permits}, and
 * the cases that the compiler then misses in the backends' switches.
 *
 * <p>Feature maps are [N, H, W, C]; weights keep the layout of the published files ([out, in], [out, in/groups, kh, kw]).
 */
public sealed interface Op extends Operation
    permits Affine,
        Attention,
        AttentionGrad,
        AvgPool2d,
        AvgPool2dGrad,
        Binary,
        Broadcast,
        Cast,
        CausalMask,
        Clamp,
        ClampGrad,
        Concat,
        Conv2d,
        Conv2dInputGrad,
        Conv2dWeightGrad,
        CrossEntropy,
        CrossEntropyGrad,
        Embedding,
        EmbeddingGrad,
        Fill,
        Geglu,
        GegluGrad,
        GroupNorm,
        GroupNormGrad,
        LayerNorm,
        LayerNormGrad,
        MatMul,
        Pad,
        Permute,
        RelativePositionBias,
        RelativePositionBiasGrad,
        Reshape,
        RmsNorm,
        RmsNormGrad,
        Roll,
        SelectRows,
        Slice,
        Softmax,
        SoftmaxGrad,
        Sum,
        TimestepEmbedding,
        Unary,
        UnaryGrad,
        UpsampleNearest,
        UpsampleNearestGrad,
        WeightedMse,
        WeightedMseGrad {

  /**
   * Gradients of the inputs.
   *
   * @param outputGradients one per output, null where the loss does not depend on it
   * @return one per input, null where there is none; nodes whose result nobody uses are dropped when the plan is made
   * @throws IllegalStateException if the operation has no gradient rule
   */
  default List<Value> gradient(Node node, List<Value> outputGradients) {
    throw new IllegalStateException(node + " has no gradient rule");
  }

  /** A gradient list with one entry for the first input and null for the other {@code numInputs - 1}. */
  static List<Value> onlyFirst(Node node, Value gradient) {
    Value[] gradients = new Value[node.inputs().size()];
    gradients[0] = gradient;
    return Arrays.asList(gradients);
  }
}
