package kiln.launcher.explain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.launcher.explain.GraphBoxes.Arrow;
import kiln.launcher.explain.GraphBoxes.Box;

/**
 * Boxes and arrows as SVG, from top to bottom: a box stands one row below the lowest of those that it reads, under the middle of
 * them if there is room. Boxes of one part of a network share a colour; pointing at a box shows its layer's name.
 */
final class SvgWriter {
  private static final int WIDTH = 190;
  private static final int HEIGHT = 36;
  private static final int GAP = 14;
  private static final int ROW = 62;
  private static final int TOP = 48;
  private static final List<String> COLOURS =
      List.of("#e8eefc", "#e6f5ea", "#fdf0e1", "#f5e8fa", "#fbe7e7", "#e3f4f6", "#f3f3da", "#ececec");

  private final GraphBoxes graph;
  private final Map<Box, List<Box>> sources = new HashMap<>();
  private final Map<Box, Integer> rows = new HashMap<>();
  private final Map<Box, Double> middles = new HashMap<>();
  private final Map<String, String> colours = new HashMap<>();
  private final StringBuilder out = new StringBuilder();

  private SvgWriter(GraphBoxes graph) {
    this.graph = graph;
    graph.arrows().forEach(arrow -> sources.computeIfAbsent(arrow.to(), b -> new ArrayList<>()).add(arrow.from()));
  }

  static String write(String title, GraphBoxes graph) {
    return new SvgWriter(graph).draw(title);
  }

  private String draw(String title) {
    List<List<Box>> table = arrange();
    table.forEach(this::place);
    double right = middles.values().stream().mapToDouble(Double::doubleValue).max().orElse(0) + WIDTH / 2.0 + GAP;
    long width = Math.round(Math.max(right, 800));
    long height = TOP + (long) ROW * table.size();
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\">", width, height);
    add("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
    add("<text x=\"%d\" y=\"26\" font-size=\"14\">%s</text>", GAP, escaped(title));
    graph.arrows().forEach(this::arrow);
    graph.boxes().forEach(this::box);
    add("</svg>");
    return out.toString();
  }

  /** The boxes of each row. */
  private List<List<Box>> arrange() {
    List<List<Box>> table = new ArrayList<>();
    for (Box box : graph.boxes()) {
      int row = 0;
      for (Box source : sources.getOrDefault(box, List.of())) {
        row = Math.max(row, 1 + rows.getOrDefault(source, -1));
      }
      rows.put(box, row);
      while (table.size() <= row) {
        table.add(new ArrayList<>());
      }
      table.get(row).add(box);
    }
    return table;
  }

  /** From left to right in the order of the boxes above them, none over another. */
  private void place(List<Box> row) {
    Map<Box, Double> wanted = new HashMap<>();
    for (Box box : row) {
      wanted.put(box, sources.getOrDefault(box, List.of()).stream()
          .filter(middles::containsKey)
          .mapToDouble(middles::get)
          .average()
          .orElse(0));
    }
    List<Box> ordered = row.stream().sorted((a, b) -> Double.compare(wanted.get(a), wanted.get(b))).toList();
    double free = GAP + WIDTH / 2.0;
    for (Box box : ordered) {
      double middle = Math.max(free, wanted.get(box));
      middles.put(box, middle);
      free = middle + WIDTH + GAP;
    }
  }

  private double top(Box box) {
    return TOP + (double) ROW * rows.get(box);
  }

  private void arrow(Arrow arrow) {
    double x1 = middles.get(arrow.from());
    double y1 = top(arrow.from()) + HEIGHT;
    double x2 = middles.get(arrow.to());
    double y2 = top(arrow.to());
    double bend = Math.max(20, Math.abs(y2 - y1) / 3);
    add(
        "<path d=\"M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f\" fill=\"none\" stroke=\"#889\"/>", x1, y1, x1, y1 + bend, x2,
        y2 - bend, x2, y2);
  }

  private void box(Box box) {
    String[] parts = box.layer().split("\\.");
    String part = parts[0] + (parts.length > 1 ? "." + parts[1] : "");
    String colour = box.layer().isEmpty() ? "white" : colours.computeIfAbsent(part, p -> COLOURS.get(colours.size() % COLOURS.size()));
    double left = middles.get(box) - WIDTH / 2.0;
    add("<g><title>%s</title>", escaped(box.layer().isEmpty() ? box.lines().getFirst() : box.layer()));
    add(
        "<rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" height=\"%d\" rx=\"5\" fill=\"%s\" stroke=\"#99a\"/>", left, top(box),
        WIDTH, HEIGHT, colour);
    for (int i = 0; i < box.lines().size(); i++) {
      add(
          "<text x=\"%.0f\" y=\"%.0f\" font-size=\"11\" text-anchor=\"middle\">%s</text>", middles.get(box),
          top(box) + 15 + 14 * i, escaped(box.lines().get(i)));
    }
    add("</g>");
  }

  private void add(String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
