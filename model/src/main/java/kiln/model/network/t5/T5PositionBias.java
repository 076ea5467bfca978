package kiln.model.network.t5;

import kiln.model.graph.Graph;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.op.RelativePositionBias;

/** One learned number per head and bucket of distances, weight [buckets, heads]; see {@link RelativePositionBias}. */
final class T5PositionBias {
  private final ParameterScope scope;
  private final int maxDistance;
  private final Parameter weight;

  T5PositionBias(ParameterScope scope, T5Config config) {
    this.scope = scope;
    this.maxDistance = config.relativeAttentionMaxDistance();
    double deviation = config.initializerFactor() / Math.sqrt(config.dModel());
    this.weight =
        scope.parameter(
            "weight",
            Shape.of(config.relativeAttentionNumBuckets(), config.numHeads()),
            new Initializer.Normal((float) deviation));
  }

  /** [1, heads, length, length], for attention in both directions. */
  Value apply(Graph graph, int length) {
    RelativePositionBias op = new RelativePositionBias(length, length, maxDistance, true);
    return scope.trace(graph, () -> graph.apply(op, graph.parameter(weight)));
  }
}
