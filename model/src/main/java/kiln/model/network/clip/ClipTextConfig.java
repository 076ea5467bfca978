package kiln.model.network.clip;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import kiln.bindings.UserException;
import kiln.model.network.ConfigReader;
import kiln.model.network.ConfigWriter;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sizes of CLIP's text model, by the names of transformers' {@code CLIPTextConfig}. Dropout is a matter of training CLIP and is
 * not applied here, whatever the file says.
 *
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width between the two layers of the feed-forward part
 * @param maxPositionEmbeddings most tokens of one text
 * @param initializerFactor multiplies the standard deviations of the initial weights
 */
public record ClipTextConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int maxPositionEmbeddings,
    Activation hiddenAct,
    double layerNormEps,
    double initializerFactor) {
  /** Between the two layers of the feed-forward part. */
  public enum Activation {
    /** With the exact error function: OpenCLIP. */
    GELU,
    /** x·sigmoid(1.702·x): OpenAI's CLIP. */
    QUICK_GELU;

    String configName() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Activation of(String configName) {
      return Arrays.stream(values())
          .filter(value -> value.configName().equals(configName))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "hidden_act: found " + configName + ", expected gelu or quick_gelu (others are not implemented)"));
    }
  }

  private static final String CLASS = "CLIPTextModel";

  public ClipTextConfig {
    for (int size : new int[] {vocabSize, hiddenSize, intermediateSize, numHiddenLayers, maxPositionEmbeddings}) {
      if (size < 1) {
        throw new IllegalArgumentException(
            "vocab_size, hidden_size, intermediate_size, num_hidden_layers and max_position_embeddings must be positive");
      }
    }
    if (numAttentionHeads < 1 || hiddenSize % numAttentionHeads != 0) {
      throw new IllegalArgumentException(
          "num_attention_heads: found " + numAttentionHeads + ", expected a divisor of hidden_size (" + hiddenSize + ")");
    }
  }

  /**
   * @throws UserException if the file is damaged or asks for something that is not implemented
   */
  public static ClipTextConfig read(Path configJson) {
    return read(ConfigReader.open(configJson));
  }

  /** As {@link #read(Path)}, with the defaults of transformers for missing fields. */
  public static ClipTextConfig read(ConfigReader in) {
    in.harmless("_name_or_path", "bos_token_id", "eos_token_id", "pad_token_id", "projection_dim", "transformers_version");
    in.harmless("attention_dropout", "dropout", "dtype", "torch_dtype", "initializer_range", "return_dict");
    in.only("model_type", "clip_text_model").only("use_attention_mask", false);
    List<String> architectures = in.texts("architectures", List.of(CLASS));
    if (!architectures.equals(List.of(CLASS))) { // the encoders of Stable Diffusion XL are read before their last layer
      throw in.invalid(
          new IllegalArgumentException("architectures: found " + architectures + ", expected [" + CLASS + "]"));
    }
    int vocabSize = in.integer("vocab_size", 49408);
    int hiddenSize = in.integer("hidden_size", 512);
    int intermediateSize = in.integer("intermediate_size", 2048);
    int layers = in.integer("num_hidden_layers", 12);
    int heads = in.integer("num_attention_heads", 8);
    int positions = in.integer("max_position_embeddings", 77);
    String act = in.text("hidden_act", "quick_gelu", "null");
    double epsilon = in.number("layer_norm_eps", 1e-5);
    double factor = in.number("initializer_factor", 1);
    in.finish();
    try {
      return new ClipTextConfig(
          vocabSize, hiddenSize, intermediateSize, layers, heads, positions, Activation.of(act), epsilon, factor);
    } catch (IllegalArgumentException e) {
      throw in.invalid(e);
    }
  }

  /** What transformers reads back as a {@code CLIPTextModel}. */
  public ObjectNode toJson() {
    return new ConfigWriter()
        .put("architectures", new String[] {CLASS})
        .put("model_type", "clip_text_model")
        .put("vocab_size", vocabSize)
        .put("hidden_size", hiddenSize)
        .put("intermediate_size", intermediateSize)
        .put("num_hidden_layers", numHiddenLayers)
        .put("num_attention_heads", numAttentionHeads)
        .put("max_position_embeddings", maxPositionEmbeddings)
        .put("hidden_act", hiddenAct.configName())
        .put("layer_norm_eps", layerNormEps)
        .put("initializer_factor", initializerFactor)
        .put("attention_dropout", 0.0)
        .toJson();
  }
}
