package kiln.model.network.t5;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Value;
import kiln.model.layer.KeyMask;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.RmsNormLayer;
import kiln.model.network.t5.T5Attention.KeyValue;
import kiln.model.op.CausalMask;

/** T5's stack of decoder blocks; the relative position bias of the first block's self-attention serves all. */
final class T5Decoder {
  /**
   * What one more token gives.
   *
   * @param hidden [N, 1, dModel]
   * @param fresh keys and values of that token per block, [N, 1, heads·dKv]
   */
  record Step(Value hidden, List<KeyValue> fresh) {}

  private final ParameterScope scope;
  private final T5PositionBias positionBias;
  private final List<T5DecoderBlock> blocks = new ArrayList<>();
  private final RmsNormLayer finalLayerNorm;

  /**
   * @param scope of the decoder
   */
  T5Decoder(ParameterScope scope, T5Config config, int numLayers) {
    this.scope = scope;
    this.positionBias =
        new T5PositionBias(scope.child("block.0.layer.0.SelfAttention.relative_attention_bias"), config, false);
    for (int i = 0; i < numLayers; i++) {
      blocks.add(new T5DecoderBlock(scope.child("block." + i), config));
    }
    this.finalLayerNorm = T5Norms.layerNorm(scope.child("final_layer_norm"), config);
  }

  /** Keys and values, per block, of the encoder's output [N, S, dModel]. */
  List<KeyValue> crossKeyValues(Value encoded) {
    return scope.trace(encoded.graph(), () -> blocks.stream().map(block -> block.crossKeyValue(encoded)).toList());
  }

  /** embeddings [N, L, dModel], encoded [N, S, dModel], mask int32 [N, S] or null → [N, L, dModel]. */
  Value apply(Value embeddings, Value encoded, Value mask) {
    return scope.trace(
        embeddings.graph(),
        () -> {
          int length = embeddings.shape().dim(1);
          Value bias = positionBias.apply(embeddings.graph(), length);
          Value causal = embeddings.graph().apply(new CausalMask(length));
          Value keep = mask == null ? null : KeyMask.of(mask);
          Value h = embeddings;
          for (T5DecoderBlock block : blocks) {
            h = block.apply(h, bias, causal, block.crossKeyValue(encoded), keep);
          }
          return finalLayerNorm.apply(h);
        });
  }

  /**
   * One more token, see {@link T5DecoderBlock#step}.
   *
   * @param embedding [N, 1, dModel]
   * @param past per block, [N, room, heads·dKv]
   * @param buckets int32 [room + 1]: those of the distances to the tokens in the past, and to itself
   * @param filled int32 [1, room + 1]
   * @param cross per block, see {@link #crossKeyValues}
   * @param mask int32 [N, S] of the encoder's tokens
   */
  Step step(Value embedding, List<KeyValue> past, Value buckets, Value filled, List<KeyValue> cross, Value mask) {
    return scope.trace(
        embedding.graph(),
        () -> {
          Value bias = positionBias.lookUp(buckets);
          Value keep = KeyMask.of(mask);
          List<KeyValue> fresh = new ArrayList<>();
          Value h = embedding;
          for (int i = 0; i < blocks.size(); i++) {
            T5DecoderBlock.Step step = blocks.get(i).step(h, past.get(i), bias, KeyMask.of(filled), cross.get(i), keep);
            h = step.hidden();
            fresh.add(step.fresh());
          }
          return new Step(finalLayerNorm.apply(h), fresh);
        });
  }
}
