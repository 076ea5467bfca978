package kiln.data.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Tokens that a text spells out, such as {@code <|endoftext|>}: they are found before anything else is looked at. */
final class AddedTokens {
  /**
   * @param text what is looked for
   * @param cleaned whether {@code text} is cleaned, and looked for in cleaned text
   */
  record Added(String text, int id, boolean cleaned) {}

  /** From {@code start} to {@code end} of a text: an added token, or null for what lies between two of them. */
  record Part(int start, int end, Added token) {}

  private final Map<String, Added> tokens = new HashMap<>();
  private final Pattern pattern;

  AddedTokens(Collection<Added> tokens) {
    tokens.forEach(token -> this.tokens.put(token.text(), token));
    this.pattern =
        Pattern.compile(
            this.tokens.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
  }

  /** The parts of {@code text}, none of them empty. */
  List<Part> split(String text) {
    List<Part> parts = new ArrayList<>();
    int end = 0;
    Matcher matcher = pattern.matcher(text);
    while (!tokens.isEmpty() && matcher.find()) {
      addBetween(parts, end, matcher.start());
      end = matcher.end();
      parts.add(new Part(matcher.start(), end, tokens.get(matcher.group())));
    }
    addBetween(parts, end, text.length());
    return parts;
  }

  private static void addBetween(List<Part> parts, int start, int end) {
    if (start < end) {
      parts.add(new Part(start, end, null));
    }
  }
}
