package kiln.model.network.clip;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.layer.EmbeddingLayer;
import kiln.model.layer.LayerNormLayer;
import kiln.model.layer.ParameterScope;
import kiln.model.network.TextEncoder;
import kiln.model.op.CausalMask;
import kiln.model.op.Ops;

/**
 * CLIP's text model, as transformers' {@code CLIPTextModel}: learned positions, pre-norm blocks of causal self-attention, a last
 * norm. What it gives is {@code last_hidden_state}, which is what Stable Diffusion 1 and 2 read; the pooled output, of images
 * and texts alike, is of no use there.
 */
public final class ClipTextModel implements TextEncoder {
  private static final float EMBEDDING_DEVIATION = 0.02f;

  private final ClipTextConfig config;
  private final ParameterScope root;
  private final ParameterScope scope;
  private final EmbeddingLayer tokenEmbedding;
  private final Parameter positionEmbedding;
  private final List<ClipLayer> layers = new ArrayList<>();
  private final LayerNormLayer finalLayerNorm;

  public ClipTextModel(ClipTextConfig config, ParameterScope root) {
    this.config = config;
    this.root = root;
    this.scope = root.child("text_model");
    Initializer embeddings = new Initializer.Normal((float) (EMBEDDING_DEVIATION * config.initializerFactor()));
    this.tokenEmbedding =
        new EmbeddingLayer(scope.child("embeddings.token_embedding"), config.vocabSize(), config.hiddenSize(), embeddings);
    this.positionEmbedding =
        scope
            .child("embeddings.position_embedding")
            .parameter("weight", Shape.of(config.maxPositionEmbeddings(), config.hiddenSize()), embeddings);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(new ClipLayer(scope.child("encoder.layers." + i), config));
    }
    this.finalLayerNorm = new LayerNormLayer(scope.child("final_layer_norm"), config.hiddenSize(), config.layerNormEps());
  }

  public ClipTextConfig config() {
    return config;
  }

  @Override
  public List<Parameter> parameters() {
    return root.parameters();
  }

  @Override
  public int width() {
    return config.hiddenSize();
  }

  @Override
  public int maxTokens() {
    return config.maxPositionEmbeddings();
  }

  @Override
  public boolean masksPadding() {
    return false;
  }

  /**
   * Token ids to their encodings.
   *
   * @param ids int32 [N, L], L at most {@code max_position_embeddings}
   * @param mask not read: no token sees the paddings after it, and Stable Diffusion was trained on the encodings of paddings as
   *     they are without a mask; may be null
   * @param compute what the layers compute in; embeddings and positions are rounded to it
   * @return [N, L, hiddenSize] of type {@code compute}
   * @throws IllegalArgumentException if L is more than there are positions
   */
  @Override
  public Value apply(Value ids, Value mask, DType compute) {
    return encode(Ops.cast(embed(ids), compute));
  }

  /** ids int32 [N, L] → [N, L, hiddenSize], without positions. */
  public Value embed(Value ids) {
    return scope.trace(ids.graph(), () -> tokenEmbedding.apply(ids));
  }

  /** As {@link #apply}, from embeddings [N, L, hiddenSize], in their type. */
  public Value encode(Value embeddings) {
    int length = embeddings.shape().dim(1);
    if (length > config.maxPositionEmbeddings()) {
      throw new IllegalArgumentException(
          "found texts of " + length + " tokens, expected at most max_position_embeddings " + config.maxPositionEmbeddings());
    }
    Graph graph = embeddings.graph();
    return scope.trace(
        graph,
        () -> {
          Value positions = Ops.slice(graph.parameter(positionEmbedding), 0, 0, length); // [L, C]
          Value causal = graph.apply(new CausalMask(length)); // [1, 1, L, L]
          Value h = Ops.add(embeddings, Ops.cast(positions, embeddings.type().dtype()));
          for (ClipLayer layer : layers) {
            h = layer.apply(h, causal);
          }
          return finalLayerNorm.apply(h);
        });
  }
}
