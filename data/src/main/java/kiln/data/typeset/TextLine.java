package kiln.data.typeset;

import java.util.List;

/**
 * A line of words before it is shaped.
 *
 * @param joiner between two words, a space or nothing
 * @param rightToLeft which way the line runs
 */
public record TextLine(List<String> words, String joiner, boolean rightToLeft) {
  public TextLine {
    words = List.copyOf(words);
  }

  /** Of a language's words. */
  public static TextLine of(Language language, List<String> words) {
    return new TextLine(words, language.joiner(), language.rightToLeft());
  }

  public String text() {
    return String.join(joiner, words);
  }

  /** The number of the word that holds a char of {@link #text()}, or of the word before a space. */
  public int wordAt(int character) {
    int end = 0;
    for (int w = 0; w < words.size(); w++) {
      end += words.get(w).length() + joiner.length();
      if (character < end) {
        return w;
      }
    }
    return words.size() - 1;
  }
}
