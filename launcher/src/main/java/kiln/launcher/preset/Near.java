package kiln.launcher.preset;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Names that a user may have meant. */
public final class Near {
  private static final int MOST = 4;

  private Near() {}

  /** The names that differ from {@code found} by few letters or start alike, nearest first; at most four. */
  public static List<String> names(String found, Collection<String> known) {
    return known.stream()
        .filter(name -> distance(found, name) <= Math.max(2, name.length() / 3) || alike(found, name))
        .sorted(Comparator.comparingInt((String name) -> distance(found, name)).thenComparing(name -> name))
        .limit(MOST)
        .toList();
  }

  /** As in {@code ; near: --ranks, --raw}; if nothing is near, {@code ; known: …} with all of them. */
  public static String hint(String found, Collection<String> known) {
    List<String> near = names(found, known);
    return near.isEmpty()
        ? "; known: " + String.join(", ", known.stream().sorted().toList())
        : "; near: " + String.join(", ", near);
  }

  private static boolean alike(String a, String b) {
    String x = a.replaceFirst("^-+", "");
    String y = b.replaceFirst("^-+", "");
    return x.length() >= 3 && y.length() >= 3 && (x.startsWith(y) || y.startsWith(x));
  }

  /** Levenshtein's distance: insertions, deletions and replacements of one letter. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
