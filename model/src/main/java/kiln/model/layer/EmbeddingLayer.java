package kiln.model.layer;

import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.Embedding;
import kiln.model.op.Ops;

/** A table of vectors looked up by number; weight [rows, C]. No row is special: all of them learn. */
public final class EmbeddingLayer {
  private static final int NO_PADDING_INDEX = -1;

  private final ParameterScope scope;
  private final Parameter weight;

  public EmbeddingLayer(ParameterScope scope, int rows, int channels, Initializer initializer) {
    this.scope = scope;
    this.weight = scope.parameter("weight", Shape.of(rows, channels), initializer);
  }

  /** ids int32 […] → […, C]. */
  public Value apply(Value ids) {
    Embedding op = new Embedding(NO_PADDING_INDEX);
    return scope.trace(ids.graph(), () -> ids.graph().apply(op, ids.graph().parameter(weight), ids));
  }

  /** x·weightᵀ, for an output layer that is tied to the table: x […, C] → […, rows]. */
  public Value project(Value x) {
    return scope.trace(x.graph(), () -> Ops.linear(x, x.graph().parameter(weight), null));
  }
}
