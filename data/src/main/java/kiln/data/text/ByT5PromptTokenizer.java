package kiln.data.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import kiln.bindings.UserException;

/** {@link ByT5Tokenizer} as a {@link Tokenizer}: rows of any length up to a limit, cut between characters. */
public final class ByT5PromptTokenizer implements Tokenizer {
  /**
   * Most ids of one text. ByT5's positions are relative, so that the network itself has no limit; this is the length that it was
   * trained on.
   */
  public static final int MOST = 1024;

  private final int maxLength;

  /**
   * @param maxLength most ids of one text; more than {@link #MOST} means that
   */
  public ByT5PromptTokenizer(int maxLength) {
    if (maxLength < 1) {
      throw new IllegalArgumentException("maxLength=" + maxLength);
    }
    this.maxLength = Math.min(maxLength, MOST);
  }

  /**
   * @throws UserException if the configuration gives the end or the padding another name, which would have another id
   */
  static ByT5PromptTokenizer read(TokenizerConfig config) {
    config.expectToken("pad_token", "<pad>");
    config.expectToken("eos_token", "</s>");
    return new ByT5PromptTokenizer(config.maxLength(MOST));
  }

  @Override
  public Encoded encode(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int kept = Utf8.fit(utf8, maxLength - 1);
    int[] ids = ByT5Tokenizer.encode(new String(utf8, 0, kept, StandardCharsets.UTF_8));
    String cut = new String(Arrays.copyOfRange(utf8, kept, utf8.length), StandardCharsets.UTF_8);
    return new Encoded(ids, ids.length, cut);
  }

  @Override
  public int maxLength() {
    return maxLength;
  }

  @Override
  public int padId() {
    return ByT5Tokenizer.PAD;
  }

  @Override
  public boolean padsToMaxLength() {
    return false;
  }
}
