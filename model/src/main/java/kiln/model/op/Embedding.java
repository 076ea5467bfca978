package kiln.model.op;

import java.util.Arrays;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * Rows of a table. Inputs: table [rows, C], ids int32 of any shape. Output: shape of the ids, then C. The row {@code
 * paddingIndex} is read but gets no gradient; -1 for none.
 */
public record Embedding(int paddingIndex) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    Check.dtype(DType.I32, 1, this, inputs);
    Shape table = inputs.get(0).shape();
    Check.that(table.rank() == 2, this, inputs, "a table [rows, C]");
    int[] ids = inputs.get(1).shape().dims();
    int[] dims = Arrays.copyOf(ids, ids.length + 1);
    dims[ids.length] = table.last();
    return List.of(TensorType.f32(dims));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    EmbeddingGrad grad = new EmbeddingGrad(node.input(0).shape().dim(0), paddingIndex);
    Value dy = outputGradients.getFirst();
    return Op.onlyFirst(node, dy.graph().apply(grad, node.input(1), dy));
  }
}
