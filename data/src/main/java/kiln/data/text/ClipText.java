package kiln.data.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** CLIP's reading of a text before byte pairs come in: how it is cleaned, and where words begin and end. */
final class ClipText {
  /** Part of a text, from {@code start} to {@code end}. */
  record Span(int start, int end) {}

  private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final String WORDS = "'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+";
  private static final Pattern WORD = Pattern.compile(WORDS, Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern WORD_OR_MARK =
      Pattern.compile("<\\|startoftext\\|>|<\\|endoftext\\|>|" + WORDS, Pattern.UNICODE_CHARACTER_CLASS);

  /** The only letter whose lower case is two: i and a dot above. */
  private static final int I_WITH_DOT = 0x130;

  private ClipText() {}

  /** Composed (NFC), white space as single blanks, lower case; every letter by itself, so that a final sigma is as any. */
  static String clean(String text) {
    String composed = SPACE.matcher(Normalizer.normalize(text, Normalizer.Form.NFC)).replaceAll(" ");
    StringBuilder lower = new StringBuilder(composed.length());
    composed
        .codePoints()
        .forEach(
            c -> {
              if (c == I_WITH_DOT) {
                lower.append("i\u0307");
              } else {
                lower.appendCodePoint(Character.toLowerCase(c));
              }
            });
    return lower.toString();
  }

  /**
   * The words of a cleaned text: runs of letters, single digits, runs of other signs, English contractions; white space belongs
   * to none. The names of the end marks delimit words even where they are plain text.
   */
  static List<Span> words(String cleaned) {
    List<Span> words = new ArrayList<>();
    Matcher outer = WORD_OR_MARK.matcher(cleaned);
    while (outer.find()) {
      Matcher inner = WORD.matcher(cleaned).region(outer.start(), outer.end());
      while (inner.find()) {
        words.add(new Span(inner.start(), inner.end()));
      }
    }
    return words;
  }

  /** Where in {@code text} that ends of which the first {@code length} characters of the cleaned text are made. */
  static int uncleaned(String text, int length) {
    int low = 0; // cleaning a prefix gives at most length characters
    int high = text.length() + 1;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (clean(text.substring(0, middle)).length() <= length) {
        low = middle;
      } else {
        high = middle;
      }
    }
    boolean halved = low > 0 && low < text.length() && Character.isSurrogatePair(text.charAt(low - 1), text.charAt(low));
    return halved ? low - 1 : low;
  }
}
