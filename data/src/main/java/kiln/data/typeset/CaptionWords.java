package kiln.data.typeset;

import java.util.List;
import java.util.Map;

/**
 * How pictures of text are described in a language. Templates name {@code {text}}, {@code {ink}} (the colour of the text) and
 * {@code {ground}} (what it stands on); details follow after {@code separator}, in the order of importance.
 *
 * @param templates each with the text in the language's quotation marks
 * @param brief a template that names the text alone
 * @param separator between template and details
 * @param ink the colour of the text, with {@code {}} for a name of {@code inks}
 * @param inks names of the colours, in the order of {@link kiln.data.typography.Ink#ALL}
 * @param ground what the text stands on, with {@code {}} for a name of {@code grounds}
 * @param grounds the same colours in the form that fits there
 * @param words by key: photo, texture, gradient; bold, italic, serif, sans, monospace; outline, shadow; curve, wave, tilted,
 *     vertical, lines; top, bottom, left, right, center, top left, …
 */
public record CaptionWords(
    List<String> templates,
    String brief,
    String separator,
    String ink,
    List<String> inks,
    String ground,
    List<String> grounds,
    Map<String, String> words) {
  public String word(String key) {
    String word = words.get(key);
    if (word == null) {
      throw new IllegalArgumentException("no caption word: " + key);
    }
    return word;
  }
}
