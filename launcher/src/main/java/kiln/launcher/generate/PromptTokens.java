package kiln.launcher.generate;

import java.util.Arrays;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.data.text.ByT5PromptTokenizer;
import kiln.data.text.Tokenizer;
import kiln.data.text.Tokenizers;
import kiln.launcher.folder.Component;
import kiln.launcher.folder.ComponentKind;
import kiln.launcher.folder.ModelFolder;
import kiln.model.network.TextEncoder;
import kiln.model.pipeline.Caption;

/** Prompts as a model's text encoder takes them. What is too long is cut, and somebody hears of it. */
final class PromptTokens {
  /** Captions are padded to multiples of this, so that few plans are made. */
  private static final int STEP = 16;

  private static final String TOKENIZER = "tokenizer";

  private final Tokenizer tokenizer;
  private final Consumer<String> warnings;

  PromptTokens(Tokenizer tokenizer, Consumer<String> warnings) {
    this.tokenizer = tokenizer;
    this.warnings = warnings;
  }

  /**
   * The tokenizer of a model; that of ByT5 if a T5 has none, as in older checkpoints of Kiln.
   *
   * @throws UserException if another encoder has none, or its tokenizer makes longer rows than it takes
   */
  static Tokenizer tokenizer(ModelFolder model, Component encoderPart, TextEncoder encoder) {
    boolean t5 = encoderPart.kind() == ComponentKind.T5 || encoderPart.kind() == ComponentKind.T5_ENCODER;
    if (t5 && model.find(TOKENIZER).isEmpty()) {
      return new ByT5PromptTokenizer(ByT5PromptTokenizer.MOST);
    }
    Component part = model.require(TOKENIZER);
    Tokenizer tokenizer = Tokenizers.open(part.path());
    if (tokenizer.maxLength() > encoder.maxTokens()) {
      throw new UserException(
          part.path() + ": found texts of " + tokenizer.maxLength() + " tokens, expected at most the " + encoder.maxTokens()
              + " of " + encoderPart.path());
    }
    return tokenizer;
  }

  /**
   * @param what names the prompt in a warning
   */
  Caption caption(String what, String prompt) {
    Tokenizer.Encoded encoded = tokenizer.encode(prompt);
    if (!encoded.cut().isEmpty()) {
      warnings.accept(
          what + ": longer than the " + tokenizer.maxLength() + " tokens that the text encoder takes; cut: \"" + encoded.cut()
              + "\"");
    }
    int length =
        tokenizer.padsToMaxLength()
            ? tokenizer.maxLength()
            : Math.min(tokenizer.maxLength(), Math.ceilDiv(encoded.numTokens(), STEP) * STEP);
    int[] row = encoded.row(length, tokenizer.padId());
    return new Caption(Arrays.stream(row).boxed().toList(), encoded.numTokens());
  }
}
