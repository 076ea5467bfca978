package kiln.data.typeset;

import java.util.List;
import java.util.Map;

/**
 * What documents in a language are made of.
 *
 * @param labels by their English keys, such as {@code total}
 * @param names of people
 * @param companies names of shops
 * @param streets with house numbers
 * @param cities where people live
 * @param items what is sold
 * @param titles of articles
 */
public record DocumentWords(
    Map<String, String> labels,
    List<String> names,
    List<String> companies,
    List<String> streets,
    List<String> cities,
    List<String> items,
    List<String> titles) {
  public String label(String key) {
    String label = labels.get(key);
    if (label == null) {
      throw new IllegalArgumentException("no label: " + key);
    }
    return label;
  }
}
