package kiln.bench.step;

import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.layer.EmbeddingLayer;
import kiln.model.layer.ParameterScope;
import kiln.model.network.TextEncoder;
import kiln.model.op.Ops;

/** Encodings of text that are just there, a row for each byte, so that drawing is measured without a text encoder. */
final class GivenText implements TextEncoder {
  private static final int BYTES = 384;

  private final ParameterScope scope = new ParameterScope().child("text");
  private final EmbeddingLayer rows;
  private final int width;

  GivenText(int width) {
    this.width = width;
    this.rows = new EmbeddingLayer(scope, BYTES, width, new Initializer.Normal(1));
  }

  @Override
  public List<Parameter> parameters() {
    return scope.parameters();
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int maxTokens() {
    return Integer.MAX_VALUE;
  }

  @Override
  public boolean masksPadding() {
    return false;
  }

  @Override
  public Value apply(Value ids, Value mask, DType compute) {
    return Ops.cast(rows.apply(ids), compute);
  }
}
