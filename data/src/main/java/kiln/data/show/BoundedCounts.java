package kiln.data.show;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts by name, for names that come from outside: only so many different ones, and no long ones. */
final class BoundedCounts {
  static final String OTHERS = "(others)";

  private static final int LONGEST_NAME = 80;

  private final int mostNames;
  private final Map<String, Long> counts = new HashMap<>();

  /**
   * @param mostNames later new ones count as {@link #OTHERS}
   */
  BoundedCounts(int mostNames) {
    this.mostNames = mostNames;
  }

  void add(String name) {
    String key = name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
    if (counts.containsKey(key) || counts.size() < mostNames) {
      counts.merge(key, 1L, Long::sum);
    } else {
      counts.merge(OTHERS, 1L, Long::sum);
    }
  }

  /** The most frequent first, equally frequent ones by name. */
  Map<String, Long> ordered() {
    Map<String, Long> ordered = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()).thenComparing(Map.Entry.comparingByKey()))
        .forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
    return ordered;
  }
}
