package kiln.model.network.t5;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.layer.EmbeddingLayer;
import kiln.model.layer.KeyMask;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.RmsNormLayer;
import kiln.model.network.TextEncoder;
import kiln.model.op.Ops;

/**
 * The encoder of T5, as transformers' {@code T5EncoderModel}: pre-norm blocks of self-attention and feed-forward, without
 * biases and without attention scale; the relative position bias of the first block serves all.
 */
public final class T5Encoder implements TextEncoder {
  private final T5Config config;
  private final ParameterScope scope;
  private final EmbeddingLayer shared;
  private final T5PositionBias positionBias;
  private final List<T5Block> blocks = new ArrayList<>();
  private final RmsNormLayer finalLayerNorm;

  public T5Encoder(T5Config config, ParameterScope scope) {
    this(config, scope, T5Encoder.shared(config, scope));
  }

  /** With a table of embeddings that a decoder uses too. */
  T5Encoder(T5Config config, ParameterScope scope, EmbeddingLayer shared) {
    this.config = config;
    this.scope = scope;
    this.shared = shared;
    ParameterScope encoder = scope.child("encoder");
    this.positionBias =
        new T5PositionBias(encoder.child("block.0.layer.0.SelfAttention.relative_attention_bias"), config, true);
    for (int i = 0; i < config.numLayers(); i++) {
      blocks.add(new T5Block(encoder.child("block." + i), config));
    }
    this.finalLayerNorm = T5Norms.layerNorm(encoder.child("final_layer_norm"), config);
  }

  /** The table of embeddings, under the name that files give it. */
  static EmbeddingLayer shared(T5Config config, ParameterScope scope) {
    Initializer start = new Initializer.Normal((float) config.initializerFactor());
    return new EmbeddingLayer(scope.child("shared"), config.vocabSize(), config.dModel(), start);
  }

  @Override
  public List<Parameter> parameters() {
    return scope.parameters();
  }

  @Override
  public int width() {
    return config.dModel();
  }

  @Override
  public int maxTokens() {
    return Integer.MAX_VALUE; // positions are relative
  }

  @Override
  public boolean masksPadding() {
    return true;
  }

  /**
   * Token ids to their encodings.
   *
   * @param ids int32 [N, L]
   * @param mask int32 [N, L], 1 = token, 0 = padding, which nothing attends to; null if there is no padding
   * @param compute what the layers compute in; embeddings and position bias are float32 in any case
   * @return [N, L, dModel] of type {@code compute}, also at padded positions
   */
  @Override
  public Value apply(Value ids, Value mask, DType compute) {
    return encode(Ops.cast(embed(ids), compute), mask);
  }

  /** ids int32 [N, L] → [N, L, dModel]. */
  public Value embed(Value ids) {
    return scope.trace(ids.graph(), () -> shared.apply(ids));
  }

  /** As {@link #apply}, from embeddings [N, L, dModel], in their type. */
  public Value encode(Value embeddings, Value mask) {
    return scope.trace(
        embeddings.graph(),
        () -> {
          int length = embeddings.shape().dim(1);
          Value bias = positionBias.apply(embeddings.graph(), length); // [1, heads, L, L]
          Value keep = mask == null ? null : KeyMask.of(mask); // [N, 1, 1, L]
          Value h = embeddings;
          for (T5Block block : blocks) {
            h = block.apply(h, bias, keep);
          }
          return finalLayerNorm.apply(h);
        });
  }
}
