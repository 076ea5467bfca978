package kiln.data.text;

import java.nio.file.Path;
import kiln.bindings.UserException;

/** Opens the {@code tokenizer/} of a model folder. */
public final class Tokenizers {
  private Tokenizers() {}

  /**
   * @param folder holds {@code tokenizer_config.json}, and the vocabulary if there is one
   * @throws UserException if a file is absent or damaged, or the tokenizer is of a class that is not implemented
   */
  public static Tokenizer open(Path folder) {
    TokenizerConfig config = TokenizerConfig.open(folder);
    return switch (config.tokenizerClass()) {
      case "ByT5Tokenizer" -> ByT5PromptTokenizer.read(config);
      case "CLIPTokenizer", "CLIPTokenizerFast" -> ClipTokenizer.read(config);
      default ->
          throw config.wrong(
              "tokenizer_class", config.tokenizerClass(), "ByT5Tokenizer or CLIPTokenizer (others are not implemented)");
    };
  }
}
