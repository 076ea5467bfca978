package kiln.model.network.t5;

import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.model.network.ConfigReader;
import kiln.model.network.ConfigWriter;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sizes of a T5 encoder, by the names of transformers' {@code T5Config}. Dropout is a matter of T5's own pre-training and is
 * not applied here, whatever the file's {@code dropout_rate} says.
 *
 * @param dModel width of the residual stream
 * @param dKv width of one attention head; heads·dKv need not equal dModel
 * @param dFf width between the two layers of the feed-forward part
 * @param initializerFactor multiplies the standard deviations of the initial weights
 * @param feedForward {@code feed_forward_proj}
 */
public record T5Config(
    int vocabSize,
    int dModel,
    int dKv,
    int dFf,
    int numLayers,
    int numHeads,
    int relativeAttentionNumBuckets,
    int relativeAttentionMaxDistance,
    double layerNormEpsilon,
    double initializerFactor,
    FeedForward feedForward) {
  /** What stands between two layers of attention. */
  public enum FeedForward {
    /** The T5 of 2019. */
    RELU("relu", "relu"),
    /** T5 v1.1, and with it ByT5. */
    GATED_GELU("gated-gelu", "gelu_new");

    private final String projection;
    private final String activation;

    FeedForward(String projection, String activation) {
      this.projection = projection;
      this.activation = activation;
    }
  }

  public T5Config {
    for (int size : new int[] {vocabSize, dModel, dKv, dFf, numLayers, numHeads}) {
      if (size < 1) {
        throw new IllegalArgumentException("vocab_size, d_model, d_kv, d_ff, num_layers and num_heads must be positive");
      }
    }
    boolean buckets = relativeAttentionNumBuckets >= 4 && relativeAttentionMaxDistance > relativeAttentionNumBuckets / 4;
    if (!buckets) {
      throw new IllegalArgumentException(
          "relative_attention_num_buckets: found " + relativeAttentionNumBuckets + ", expected at least 4, with"
              + " relative_attention_max_distance (" + relativeAttentionMaxDistance + ") more than a quarter of it");
    }
  }

  /** Of T5 v1.1. */
  public T5Config(
      int vocabSize,
      int dModel,
      int dKv,
      int dFf,
      int numLayers,
      int numHeads,
      int relativeAttentionNumBuckets,
      int relativeAttentionMaxDistance,
      double layerNormEpsilon,
      double initializerFactor) {
    this(
        vocabSize,
        dModel,
        dKv,
        dFf,
        numLayers,
        numHeads,
        relativeAttentionNumBuckets,
        relativeAttentionMaxDistance,
        layerNormEpsilon,
        initializerFactor,
        FeedForward.GATED_GELU);
  }

  /** The encoder of google/byt5-base: 414,703,488 parameters. */
  public static T5Config byT5Base() {
    return T5Presets.byT5Base().encoder();
  }

  /**
   * @throws UserException if the file is damaged or asks for something that is not implemented
   */
  public static T5Config read(Path configJson) {
    return read(ConfigReader.open(configJson));
  }

  /** As {@link #read(Path)}, with the defaults of transformers for missing fields. */
  public static T5Config read(ConfigReader in) {
    T5Config config = sizes(in);
    in.harmless("is_encoder_decoder", "num_decoder_layers", "tie_word_embeddings", "scale_decoder_outputs");
    in.harmless("bos_token_id", "decoder_start_token_id", "eos_token_id", "pad_token_id");
    in.finish();
    return config;
  }

  /** The fields that encoder and decoder have in common; the caller finishes reading. */
  static T5Config sizes(ConfigReader in) {
    in.harmless("_name_or_path", "architectures", "classifier_dropout", "dropout_rate", "dtype", "torch_dtype");
    in.harmless("gradient_checkpointing", "id2label", "label2id", "n_positions", "output_past", "return_dict");
    in.harmless("task_specific_params", "tokenizer_class", "transformers_version", "use_cache", "problem_type");
    in.harmless("chunk_size_feed_forward");
    in.only("model_type", "t5").only("is_decoder", false);
    FeedForward feedForward = feedForward(in);
    int numLayers = in.integer("num_layers", 6);
    int numHeads = in.integer("num_heads", 8);
    int dModel = in.integer("d_model", 512);
    int vocabSize = in.integer("vocab_size", 32128);
    int dKv = in.integer("d_kv", 64);
    int dFf = in.integer("d_ff", 2048);
    int buckets = in.integer("relative_attention_num_buckets", 32);
    int distance = in.integer("relative_attention_max_distance", 128);
    double epsilon = in.number("layer_norm_epsilon", 1e-6);
    double factor = in.number("initializer_factor", 1);
    try {
      return new T5Config(
          vocabSize, dModel, dKv, dFf, numLayers, numHeads, buckets, distance, epsilon, factor, feedForward);
    } catch (IllegalArgumentException e) {
      throw in.invalid(e);
    }
  }

  private static FeedForward feedForward(ConfigReader in) {
    String found = in.text("feed_forward_proj", FeedForward.RELU.projection, "null");
    for (FeedForward kind : FeedForward.values()) {
      if (kind.projection.equals(found)) {
        in.only("dense_act_fn", kind.activation).only("is_gated_act", kind == FeedForward.GATED_GELU);
        return kind;
      }
    }
    throw in.invalid(
        new IllegalArgumentException("feed_forward_proj: found " + found + ", expected gated-gelu (T5 v1.1) or relu"));
  }

  /** What transformers reads back as a {@code T5EncoderModel}. */
  public ObjectNode toJson() {
    return toJson("T5EncoderModel")
        .put("is_encoder_decoder", false)
        .put("tie_word_embeddings", false)
        .put("use_cache", false)
        .put("pad_token_id", 0)
        .put("eos_token_id", 1)
        .toJson();
  }

  /** The fields that encoder and decoder have in common. */
  ConfigWriter toJson(String architecture) {
    return new ConfigWriter()
        .put("architectures", new String[] {architecture})
        .put("model_type", "t5")
        .put("vocab_size", vocabSize)
        .put("d_model", dModel)
        .put("d_kv", dKv)
        .put("d_ff", dFf)
        .put("num_layers", numLayers)
        .put("num_heads", numHeads)
        .put("relative_attention_num_buckets", relativeAttentionNumBuckets)
        .put("relative_attention_max_distance", relativeAttentionMaxDistance)
        .put("layer_norm_epsilon", layerNormEpsilon)
        .put("initializer_factor", initializerFactor)
        .put("feed_forward_proj", feedForward.projection)
        .put("dropout_rate", 0.0);
  }
}
