package kiln.model.layer;

import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.Ops;

/** Brings a mask of tokens into the form that attention broadcasts over heads and queries. */
public final class KeyMask {
  private KeyMask() {}

  /** int32 [N, L] (1 keep, 0 drop) → [N, 1, 1, L], a view. */
  public static Value of(Value mask) {
    Shape shape = mask.shape();
    return Ops.reshape(mask, Shape.of(shape.dim(0), 1, 1, shape.dim(1)));
  }
}
