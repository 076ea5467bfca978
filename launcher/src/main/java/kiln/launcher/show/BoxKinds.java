package kiln.launcher.show;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.data.show.TruthBoxes;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Which kinds of boxes a page shows, each with a colour and a switch; the switches work by style alone. */
final class BoxKinds {
  /** Further kinds share the last colour. */
  static final int COLOURS = 8;

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** A longer truth is not searched. */
  private static final int LONGEST = 16 << 20;

  private final Map<String, Integer> colours = new LinkedHashMap<>();

  /** Tells the kinds of one more truth. */
  void add(byte[] truth) {
    shapes(truth).forEach(shape -> colours.putIfAbsent(shape.kind(), Math.min(colours.size(), COLOURS - 1)));
  }

  /** The name of the style of a kind. */
  String style(String kind) {
    return "k" + colours.get(kind);
  }

  /** A box to tick for each colour, or nothing if there are no boxes. */
  String switches() {
    if (colours.isEmpty()) {
      return "";
    }
    StringBuilder html = new StringBuilder("<p class=\"switches\">Boxes:");
    for (int i = 0; i < Math.min(COLOURS, colours.size()); i++) {
      int colour = i;
      List<String> kinds = colours.keySet().stream().filter(kind -> colours.get(kind) == colour).toList();
      String name = kinds.size() == 1 ? HtmlText.of(kinds.getFirst()) : kinds.size() + " more kinds";
      html.append(
          " <label class=\"k" + i + "\"><input type=\"checkbox\" id=\"show-k" + i + "\" checked> " + name + "</label>");
    }
    return html.append("</p>\n").toString();
  }

  /** The boxes of a truth; none if it is no JSON or too long. */
  static List<TruthBoxes.Shape> shapes(byte[] truth) {
    if (truth.length == 0 || truth.length > LONGEST) {
      return List.of();
    }
    try {
      return TruthBoxes.in(MAPPER.readTree(truth));
    } catch (JacksonException e) {
      return List.of();
    }
  }
}
