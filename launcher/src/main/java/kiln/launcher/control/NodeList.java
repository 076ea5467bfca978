package kiln.launcher.control;

import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;

/**
 * SLURM's lists of hosts, as in {@code SLURM_JOB_NODELIST}: names separated by commas, with sets of numbers in brackets. A number
 * keeps its leading zeros, and a name may have several sets, of which the last one runs fastest.
 *
 * <pre>
 *   login,h[1-3,5]      login h1 h2 h3 h5
 *   r[1-2]n[08-10]      r1n08 r1n09 r1n10 r2n08 r2n09 r2n10
 * </pre>
 *
 * @see <a href="https://slurm.schedmd.com/scontrol.html">scontrol(1), show hostnames</a>
 */
public final class NodeList {
  private static final int MAX_HOSTS = 1 << 20;

  private final String where;
  private final String text;

  private NodeList(String where, String text) {
    this.where = where;
    this.text = text;
  }

  /**
   * All hosts, in the order in which they are listed.
   *
   * @param where the text is from, for errors
   * @throws UserException if it is not such a list
   */
  public static List<String> expand(String where, String text) {
    NodeList list = new NodeList(where, text);
    List<String> hosts = new ArrayList<>();
    for (String entry : list.split(text)) {
      hosts.addAll(list.hosts(entry));
      if (hosts.size() > MAX_HOSTS) {
        throw list.malformed();
      }
    }
    return hosts;
  }

  /** Cuts at commas outside of brackets. */
  private List<String> split(String whole) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i <= whole.length(); i++) {
      char c = i == whole.length() ? ',' : whole.charAt(i);
      if (c == '[') {
        depth++;
      } else if (c == ']') {
        depth--;
      } else if (c == ',' && depth == 0) {
        parts.add(whole.substring(start, i).strip());
        start = i + 1;
      }
      if (depth < 0 || depth > 1) {
        throw malformed();
      }
    }
    if (depth != 0 || parts.stream().anyMatch(String::isEmpty)) {
      throw malformed();
    }
    return parts;
  }

  private List<String> hosts(String entry) {
    int open = entry.indexOf('[');
    if (open < 0) {
      return List.of(entry);
    }
    int close = entry.indexOf(']', open);
    List<String> tails = hosts(entry.substring(close + 1));
    List<String> hosts = new ArrayList<>();
    for (String number : numbers(entry.substring(open + 1, close))) {
      for (String tail : tails) {
        hosts.add(entry.substring(0, open) + number + tail);
        if (hosts.size() > MAX_HOSTS) {
          throw malformed();
        }
      }
    }
    return hosts;
  }

  private List<String> numbers(String set) {
    List<String> numbers = new ArrayList<>();
    for (String range : set.split(",", -1)) {
      String[] ends = range.strip().split("-", -1);
      if (ends.length > 2 || !ends[0].matches("\\d{1,9}") || !ends[ends.length - 1].matches("\\d{1,9}")) {
        throw malformed();
      }
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[ends.length - 1]);
      if (last < first || last - first > MAX_HOSTS) {
        throw malformed();
      }
      for (int number = first; number <= last; number++) {
        String digits = Integer.toString(number);
        numbers.add("0".repeat(Math.max(0, ends[0].length() - digits.length())) + digits);
      }
    }
    return numbers;
  }

  private UserException malformed() {
    return new UserException(where + ": expected a list of hosts as in h[1-3,5], found " + text);
  }
}
