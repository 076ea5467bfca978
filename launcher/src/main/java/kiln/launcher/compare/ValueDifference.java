package kiln.launcher.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A value that two JSON files do not share.
 *
 * @param path of the value, as in {@code preset.optimizer.learning_rate}
 * @param inA missing if only B has it
 * @param inB missing if only A has it
 */
public record ValueDifference(String path, JsonNode inA, JsonNode inB) {
  /** All values below two nodes that differ, by their place. */
  static List<ValueDifference> all(JsonNode a, JsonNode b) {
    List<ValueDifference> found = new ArrayList<>();
    collect("", a, b, found);
    return found;
  }

  private static void collect(String path, JsonNode a, JsonNode b, List<ValueDifference> into) {
    if (a.isObject() && b.isObject()) {
      TreeSet<String> names = new TreeSet<>(a.propertyNames());
      names.addAll(b.propertyNames());
      for (String name : names) {
        String below = path.isEmpty() ? name : path + "." + name;
        collect(below, a.path(name), b.path(name), into);
      }
    } else if (!a.equals(b)) {
      into.add(new ValueDifference(path, a, b));
    }
  }

  /** As in {@code 3 → 4}, {@code none → 4}. */
  @Override
  public String toString() {
    return path + ": " + text(inA) + " → " + text(inB);
  }

  private static String text(JsonNode node) {
    return node instanceof MissingNode ? "none" : node.toString();
  }
}
