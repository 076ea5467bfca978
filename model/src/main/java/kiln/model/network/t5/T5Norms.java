package kiln.model.network.t5;

import kiln.model.graph.Initializer;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.RmsNormLayer;

/** The norms of T5, which all start at the configured factor. */
final class T5Norms {
  private T5Norms() {}

  static RmsNormLayer layerNorm(ParameterScope scope, T5Config config) {
    Initializer initializer = new Initializer.Constant((float) config.initializerFactor());
    return new RmsNormLayer(scope, config.dModel(), config.layerNormEpsilon(), initializer);
  }
}
