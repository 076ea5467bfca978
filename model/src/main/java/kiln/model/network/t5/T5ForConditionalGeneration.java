package kiln.model.network.t5;

import java.util.List;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.layer.EmbeddingLayer;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.network.t5.T5Attention.KeyValue;
import kiln.model.op.CrossEntropy;
import kiln.model.op.Ops;

/** T5 with encoder and decoder, as transformers' {@code T5ForConditionalGeneration}; ByT5 is one of these. */
public final class T5ForConditionalGeneration {
  /** The label of positions that count nothing. */
  public static final int IGNORED = -100;

  private final T5ForConditionalGenerationConfig config;
  private final ParameterScope scope;
  private final EmbeddingLayer shared;
  private final T5Encoder encoder;
  private final T5Decoder decoder;

  /** The output layer; null if that is the table of embeddings. */
  private final Linear lmHead;

  public T5ForConditionalGeneration(T5ForConditionalGenerationConfig config, ParameterScope scope) {
    this.config = config;
    this.scope = scope;
    T5Config sizes = config.encoder();
    this.shared = T5Encoder.shared(sizes, scope);
    this.encoder = new T5Encoder(sizes, scope, shared);
    this.decoder = new T5Decoder(scope.child("decoder"), sizes, config.numDecoderLayers());
    Initializer start = new Initializer.Normal((float) sizes.initializerFactor());
    this.lmHead =
        config.tieWordEmbeddings()
            ? null
            : Linear.withoutBias(scope.child("lm_head"), sizes.dModel(), sizes.vocabSize(), start);
  }

  public T5ForConditionalGenerationConfig config() {
    return config;
  }

  public List<Parameter> parameters() {
    return scope.parameters();
  }

  /**
   * The encoder's output.
   *
   * @param ids int32 [N, S]
   * @param mask int32 [N, S], 1 = token, 0 = padding; null if there is no padding
   * @return [N, S, dModel]
   */
  public Value encode(Value ids, Value mask) {
    return encoder.apply(ids, mask);
  }

  /**
   * What the decoder expects after each of its tokens, given all of them up to that one.
   *
   * @param encoded see {@link #encode}
   * @param mask as there
   * @param decoderIds int32 [N, L]: the wanted text behind a start token, see {@link #shiftRight}
   * @return logits [N, L, vocabSize]
   */
  public Value decode(Value encoded, Value mask, Value decoderIds) {
    return logits(decoder.apply(embed(decoderIds), encoded, mask));
  }

  /** Mean cross-entropy of logits [N, L, vocabSize] over those labels int32 [N, L] that are not {@link #IGNORED}; a scalar. */
  public static Value loss(Value logits, Value labels) {
    int rows = Math.toIntExact(labels.shape().elements());
    CrossEntropy op = new CrossEntropy(IGNORED, 0, CrossEntropy.Reduction.MEAN);
    Value flat = Ops.reshape(logits, Shape.of(rows, logits.shape().last()));
    return logits.graph().apply(op, flat, Ops.reshape(labels, Shape.of(rows)));
  }

  /** The decoder's input for wanted texts: rows of labels, each behind the start token and without its last one. */
  public int[] shiftRight(int[] labels, int length) {
    int[] ids = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      int before = i % length == 0 ? config.decoderStartTokenId() : labels[i - 1];
      ids[i] = before == IGNORED ? config.padTokenId() : before;
    }
    return ids;
  }

  /** ids int32 […] → […, dModel]. */
  Value embed(Value ids) {
    return scope.trace(ids.graph(), () -> shared.apply(ids));
  }

  /** What all steps of the decoder need of the encoder's output, per block. */
  List<KeyValue> crossKeyValues(Value encoded) {
    return scope.trace(encoded.graph(), () -> decoder.crossKeyValues(encoded));
  }

  /** See {@link T5Decoder#step}. */
  T5Decoder.Step step(
      Value ids, List<KeyValue> past, Value buckets, Value filled, List<KeyValue> cross, Value mask) {
    return scope.trace(ids.graph(), () -> decoder.step(shared.apply(ids), past, buckets, filled, cross, mask));
  }

  /** hidden [N, L, dModel] → [N, L, vocabSize]. */
  Value logits(Value hidden) {
    return scope.trace(
        hidden.graph(),
        () -> {
          Value h = config.scaleDecoderOutputs() ? Ops.scale(hidden, (float) Math.pow(config.encoder().dModel(), -0.5)) : hidden;
          return lmHead == null ? shared.project(h) : lmHead.apply(h);
        });
  }
}
