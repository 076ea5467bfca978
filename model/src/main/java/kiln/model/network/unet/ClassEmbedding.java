package kiln.model.network.unet;

import java.util.function.UnaryOperator;
import kiln.model.graph.Initializer;
import kiln.model.graph.Value;
import kiln.model.layer.EmbeddingLayer;
import kiln.model.layer.ParameterScope;

/** A class as a vector of the time embedding's width, in the way that {@link UNet2dConfig.ClassEmbedType} says. */
final class ClassEmbedding {
  private static final Initializer STANDARD_NORMAL = new Initializer.Normal(1); // as PyTorch's nn.Embedding

  private final UnaryOperator<Value> embed;

  /**
   * @param sinusoids those of the timesteps
   */
  ClassEmbedding(ParameterScope scope, UNet2dConfig config, Sinusoids sinusoids) {
    int width = config.timeEmbeddingDim();
    this.embed =
        switch (config.classEmbedType()) {
          case NONE -> throw new IllegalArgumentException("the network knows no classes");
          case TABLE -> new EmbeddingLayer(scope, config.numClassEmbeds(), width, STANDARD_NORMAL)::apply;
          case TIMESTEP -> {
            TimestepEmbeddingMlp mlp = new TimestepEmbeddingMlp(scope, sinusoids.width(), width);
            yield classes -> mlp.apply(sinusoids.apply(classes));
          }
          case IDENTITY -> classes -> classes;
        };
  }

  /** classes [N] or, with IDENTITY, [N, timeEmbeddingDim] → [N, timeEmbeddingDim]. */
  Value apply(Value classes) {
    return embed.apply(classes);
  }
}
