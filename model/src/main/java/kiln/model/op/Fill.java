package kiln.model.op;

import java.util.List;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/** A float32 constant; no inputs. */
public record Fill(Shape shape, float value) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(0, this, inputs);
    return List.of(TensorType.f32(shape));
  }
}
