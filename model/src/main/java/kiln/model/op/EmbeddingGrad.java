package kiln.model.op;

import java.util.List;
import kiln.model.graph.TensorType;

/** Gradient of {@link Embedding} with respect to the table of {@code rows} rows. Inputs: ids, dy. */
public record EmbeddingGrad(int rows, int paddingIndex) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    return List.of(TensorType.f32(rows, inputs.get(1).shape().last()));
  }
}
