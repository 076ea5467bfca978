package kiln.launcher.pipeline;

import java.util.LinkedHashMap;
import java.util.Map;
import kiln.launcher.preset.PresetJson;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The files from which transformers' {@code ByT5Tokenizer} is made. A byte tokenizer has no vocabulary to store: they say only
 * which tokens are special, and how long a text may be.
 */
public final class ByT5TokenizerFiles {
  /** The folder in a pipeline. */
  public static final String FOLDER = "tokenizer";

  /** The file that names the class. */
  public static final String CONFIG = "tokenizer_config.json";

  /** Tokens of the longest text that ByT5 was trained on (Xue et al. 2021), for models that have not seen captions yet. */
  public static final int PUBLISHED_LENGTH = 1024;

  private static final int SENTINELS = 125;

  private ByT5TokenizerFiles() {}

  /**
   * The files' contents by their names.
   *
   * @param maxLength tokens of a text at most, its end token included; diffusers pads to it
   */
  public static Map<String, ObjectNode> of(int maxLength) {
    Map<String, ObjectNode> files = new LinkedHashMap<>();
    ObjectNode config = specialTokens().put("extra_ids", SENTINELS).put("model_max_length", maxLength);
    files.put(CONFIG, config.put("tokenizer_class", "ByT5Tokenizer"));
    files.put("special_tokens_map.json", specialTokens());
    return files;
  }

  private static ObjectNode specialTokens() {
    ObjectNode tokens = PresetJson.MAPPER.createObjectNode();
    ArrayNode sentinels = tokens.putArray("additional_special_tokens");
    for (int i = 0; i < SENTINELS; i++) {
      sentinels.add("<extra_id_" + i + ">");
    }
    return tokens.put("eos_token", "</s>").put("pad_token", "<pad>").put("unk_token", "<unk>");
  }
}
