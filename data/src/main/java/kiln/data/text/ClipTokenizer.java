package kiln.data.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.UserException;

/**
 * The tokenizer of CLIP (Radford et al. 2021) as transformers' {@code CLIPTokenizer} works: cleaned text (see {@link ClipText})
 * in byte pairs, between a start and an end token, padded to a fixed length. Special tokens that a text spells out are taken as
 * such; in Stable Diffusion 2, whose padding is the token {@code !}, that holds for every exclamation mark.
 *
 * <p>One difference: a text that is too long is cut between two characters, where transformers may keep some of a character's
 * bytes.
 */
public final class ClipTokenizer implements Tokenizer {
  /** The length of CLIP's position table. */
  static final int USUAL_LENGTH = 77;

  private final int maxLength;
  private final int startId;
  private final int endId;
  private final int padId;
  private final BytePairs bytePairs;
  private final AddedTokens literal;
  private final AddedTokens cleaned;

  private ClipTokenizer(int maxLength, ClipSpecialTokens special, BytePairs bytePairs) {
    this.maxLength = maxLength;
    this.startId = special.start();
    this.endId = special.end();
    this.padId = special.pad();
    this.bytePairs = bytePairs;
    this.literal = new AddedTokens(special.added().stream().filter(token -> !token.cleaned()).toList());
    this.cleaned = new AddedTokens(special.added().stream().filter(AddedTokens.Added::cleaned).toList());
  }

  /**
   * @throws UserException if a file is absent or damaged, or a special token has no id
   */
  static ClipTokenizer read(TokenizerConfig config) {
    ClipVocabulary vocabulary = ClipVocabulary.read(config.folder());
    ClipSpecialTokens special = ClipSpecialTokens.read(config, vocabulary);
    int maxLength = config.maxLength(USUAL_LENGTH);
    if (maxLength < 2) {
      throw config.wrong("model_max_length", maxLength, "room for a start and an end token");
    }
    return new ClipTokenizer(maxLength, special, vocabulary.bytePairs(special.unknown()));
  }

  /**
   * @param part of the text that the token is in
   * @param end where the token ends, in the cleaned part
   * @param whole whether no character is cut there
   */
  private record Placed(int id, AddedTokens.Part part, int end, boolean whole) {}

  @Override
  public Encoded encode(String text) {
    List<Placed> tokens = new ArrayList<>();
    for (AddedTokens.Part part : literal.split(text)) {
      if (part.token() == null) {
        addCleaned(tokens, ClipText.clean(text.substring(part.start(), part.end())), part);
      } else {
        tokens.add(new Placed(part.token().id(), part, Integer.MAX_VALUE, true));
      }
    }
    int kept = Math.min(tokens.size(), maxLength - 2);
    while (kept > 0 && kept < tokens.size() && !tokens.get(kept - 1).whole()) {
      kept--;
    }
    int[] ids = new int[maxLength];
    Arrays.fill(ids, padId);
    ids[0] = startId;
    for (int i = 0; i < kept; i++) {
      ids[i + 1] = tokens.get(i).id();
    }
    ids[kept + 1] = endId;
    String cut = kept == tokens.size() ? "" : kept == 0 ? text : text.substring(end(text, tokens.get(kept - 1)));
    return new Encoded(ids, kept + 2, cut.strip());
  }

  private void addCleaned(List<Placed> tokens, String text, AddedTokens.Part part) {
    for (AddedTokens.Part inner : cleaned.split(text)) {
      if (inner.token() != null) {
        tokens.add(new Placed(inner.token().id(), part, inner.end(), true));
        continue;
      }
      String between = text.substring(inner.start(), inner.end());
      for (ClipText.Span word : ClipText.words(between)) {
        addWord(tokens, between.substring(word.start(), word.end()), inner.start() + word.start(), part);
      }
    }
  }

  private void addWord(List<Placed> tokens, String word, int start, AddedTokens.Part part) {
    byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
    int bytes = 0;
    int end = start;
    for (BytePairs.Token token : bytePairs.encode(utf8)) {
      int whole = Utf8.fit(utf8, bytes);
      bytes += token.numBytes();
      int now = Utf8.fit(utf8, bytes);
      end += new String(utf8, whole, now - whole, StandardCharsets.UTF_8).length();
      tokens.add(new Placed(token.id(), part, end, now == bytes));
    }
  }

  /** Where in the text a token ends. */
  private static int end(String text, Placed token) {
    String part = text.substring(token.part().start(), token.part().end());
    return token.part().start() + (token.end() == Integer.MAX_VALUE ? part.length() : ClipText.uncleaned(part, token.end()));
  }

  @Override
  public int maxLength() {
    return maxLength;
  }

  @Override
  public int padId() {
    return padId;
  }

  @Override
  public boolean padsToMaxLength() {
    return true;
  }
}
