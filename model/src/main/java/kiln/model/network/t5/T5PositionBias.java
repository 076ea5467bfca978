package kiln.model.network.t5;

import kiln.model.graph.Graph;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Embedding;
import kiln.model.op.Ops;
import kiln.model.op.RelativePositionBias;

/** One learned number per head and bucket of distances, weight [buckets, heads]; see {@link RelativePositionBias}. */
final class T5PositionBias {
  private static final int NO_PADDING_INDEX = -1;

  private final ParameterScope scope;
  private final int maxDistance;
  private final boolean bidirectional;
  private final Parameter weight;

  /**
   * @param bidirectional whether keys after the query have buckets of their own, as in the encoder
   */
  T5PositionBias(ParameterScope scope, T5Config config, boolean bidirectional) {
    this.scope = scope;
    this.maxDistance = config.relativeAttentionMaxDistance();
    this.bidirectional = bidirectional;
    double deviation = config.initializerFactor() / Math.sqrt(config.dModel());
    this.weight =
        scope.parameter(
            "weight",
            Shape.of(config.relativeAttentionNumBuckets(), config.numHeads()),
            new Initializer.Normal((float) deviation));
  }

  /** [1, heads, length, length], for all pairs of a sequence. */
  Value apply(Graph graph, int length) {
    RelativePositionBias op = new RelativePositionBias(length, length, maxDistance, bidirectional);
    return scope.trace(graph, () -> graph.apply(op, graph.parameter(weight)));
  }

  /** Buckets of the keys' distances to one query, int32 [Lk] → [1, heads, 1, Lk]. */
  Value lookUp(Value buckets) {
    return scope.trace(
        buckets.graph(),
        () -> {
          Value table = buckets.graph().parameter(weight);
          Value rows = buckets.graph().apply(new Embedding(NO_PADDING_INDEX), table, buckets); // [Lk, heads]
          return Ops.reshape(Ops.permute(rows, 1, 0), Shape.of(1, rows.shape().last(), 1, rows.shape().dim(0)));
        });
  }
}
