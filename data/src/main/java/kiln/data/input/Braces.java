package kiln.data.input;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.bindings.UserException;

/**
 * Brace expansion as shells do it (Bash Reference Manual, section 3.5.1): {@code {a,b}}, {@code {000..699}} (padded with zeros if
 * an end is), {@code {10..0..5}}, {@code {a..e}}, several and nested. Braces of another content, and <code>${…}</code>, stay as
 * they are; so does what follows a backslash.
 */
public final class Braces {
  private static final int MOST = 1_000_000;
  private static final Pattern NUMBERS = Pattern.compile("(-?\\d{1,15})\\.\\.(-?\\d{1,15})(?:\\.\\.(-?\\d{1,15}))?");
  private static final Pattern LETTERS = Pattern.compile("([A-Za-z])\\.\\.([A-Za-z])(?:\\.\\.(-?\\d{1,15}))?");
  private static final Pattern ESCAPED = Pattern.compile("\\\\([{},])");

  private Braces() {}

  /**
   * All that a pattern stands for, in the order in which a shell gives them; a pattern without braces stands for itself.
   *
   * @throws UserException if it stands for more than a million
   */
  public static List<String> expand(String pattern) {
    List<String> all = parts(pattern, pattern);
    return all.stream().map(text -> ESCAPED.matcher(text).replaceAll("$1")).toList();
  }

  private static List<String> parts(String text, String pattern) {
    for (int open = nextOpen(text, 0); open >= 0; open = nextOpen(text, open + 1)) {
      int close = matching(text, open);
      if (close < 0) {
        continue;
      }
      Optional<List<String>> choices = choices(text.substring(open + 1, close), pattern);
      if (choices.isPresent()) {
        List<String> rests = parts(text.substring(close + 1), pattern);
        checkCount((long) choices.get().size() * rests.size(), pattern);
        List<String> all = new ArrayList<>(choices.get().size() * rests.size());
        for (String choice : choices.get()) {
          for (String rest : rests) {
            all.add(text.substring(0, open) + choice + rest);
          }
        }
        return all;
      }
    }
    return List.of(text);
  }

  private static int nextOpen(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        i++;
      } else if (text.charAt(i) == '{' && (i == 0 || text.charAt(i - 1) != '$')) {
        return i;
      }
    }
    return -1;
  }

  private static int matching(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '{' -> depth++;
        case '}' -> {
          depth--;
          if (depth == 0) {
            return i;
          }
        }
        default -> {}
      }
    }
    return -1;
  }

  /** Empty if the content of braces is not to be expanded. */
  private static Optional<List<String>> choices(String content, String pattern) {
    List<String> items = split(content);
    if (items.size() > 1) {
      List<String> all = new ArrayList<>();
      for (String item : items) {
        all.addAll(parts(item, pattern));
        checkCount(all.size(), pattern);
      }
      return Optional.of(all);
    }
    Matcher numbers = NUMBERS.matcher(content);
    if (numbers.matches()) {
      String format = "%0" + width(numbers.group(1), numbers.group(2)) + "d";
      return Optional.of(
          range(Long.parseLong(numbers.group(1)), Long.parseLong(numbers.group(2)), numbers.group(3), pattern).stream()
              .map(format::formatted)
              .toList());
    }
    Matcher letters = LETTERS.matcher(content);
    if (letters.matches()) {
      return Optional.of(
          range(letters.group(1).charAt(0), letters.group(2).charAt(0), letters.group(3), pattern).stream()
              .map(letter -> Character.toString((int) (long) letter))
              .toList());
    }
    return Optional.empty();
  }

  /** At the commas that are in no inner braces. */
  private static List<String> split(String content) {
    List<String> items = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '{') {
        depth++;
      } else if (c == '}') {
        depth--;
      } else if (c == ',' && depth == 0) {
        items.add(content.substring(start, i));
        start = i + 1;
      }
    }
    items.add(content.substring(start));
    return items;
  }

  /** Characters of each number: of the longer end, if one of them begins with a zero. */
  private static int width(String first, String last) {
    boolean padded = first.matches("-?0\\d+") || last.matches("-?0\\d+");
    return padded ? Math.max(first.length(), last.length()) : 1;
  }

  private static List<Long> range(long first, long last, String step, String pattern) {
    long size = step == null ? 1 : Math.max(1, Math.abs(Long.parseLong(step)));
    checkCount(Math.abs(last - first) / size + 1, pattern);
    List<Long> all = new ArrayList<>();
    long direction = last < first ? -size : size;
    for (long i = first; direction < 0 ? i >= last : i <= last; i += direction) {
      all.add(i);
    }
    return all;
  }

  private static void checkCount(long count, String pattern) {
    if (count > MOST) {
      throw new UserException(pattern + ": stands for more than " + MOST + " names");
    }
  }
}
