package kiln.data.show;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the truths of a split say. Maps go from the most frequent to the rarest.
 *
 * @param objects truths that are JSON objects
 * @param unread truths that are not, or are longer than 16 MiB
 * @param languages samples by what a field {@code language}, {@code lang} or {@code languages} says
 * @param fields samples by the names of their truths' fields
 * @param boxes places found by {@link TruthBoxes}, by kind
 * @param withBoxes samples that have any
 * @param outside places that leave their picture
 */
public record TruthStatistics(
    long objects,
    long unread,
    Map<String, Long> languages,
    Map<String, Long> fields,
    Map<String, Long> boxes,
    long withBoxes,
    long outside) {
  public TruthStatistics {
    languages = Collections.unmodifiableMap(new LinkedHashMap<>(languages));
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    boxes = Collections.unmodifiableMap(new LinkedHashMap<>(boxes));
  }
}
